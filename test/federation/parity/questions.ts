import type { GraphQLField } from 'graphql'
import { argumentsOf, needs, type Step, selectionOf, type Way } from './ways.ts'

/** The ways of writing that must make no difference; each has a root key of its own. */
export const SHAPES = ['direct', 'alias', 'inline', 'named'] as const
export type Shape = (typeof SHAPES)[number]

/** One document that asks for one field in every shape at once. */
export type Question = {
  query: string
  variables: Record<string, unknown>
  shapes: readonly Shape[]
}

/** Response key of a step; the root's tells the shapes apart. */
const keyOf = (shape: Shape, field: string, depth: number) =>
  shape === 'direct' ? field : `${shape}${depth}`

/** The response keys of a way in one shape. */
export const keysOf = (shape: Shape, { steps }: Way) =>
  steps.map(({ field }, depth) => keyOf(shape, field.name, depth))

function given({ args }: GraphQLField<unknown, unknown>, isLast: boolean): string {
  const page = args.some(({ name }) => name === 'first') ? ['first: 5'] : []
  const passed = isLast ? args.filter(needs).map(({ name }) => `${name}: $${name}`) : []
  const all = [...page, ...passed]
  return all.length > 0 ? `(${all.join(', ')})` : ''
}

function written(shape: Shape, steps: readonly Step[], depth = 0): string {
  const [step, ...rest] = steps
  if (!step) return ''
  const { parent, field } = step
  const key = keyOf(shape, field.name, depth)
  const name = key === field.name ? field.name : `${key}: ${field.name}`
  const inside = rest.length > 0 ? `{ ${written(shape, rest, depth + 1)} }` : selectionOf(field)
  const text = `${name}${given(field, rest.length === 0)} ${inside}`
  if (shape === 'named' && depth > 0 && rest.length === 0) return '...Last'
  return shape === 'inline' ? `... on ${parent.name} { ${text} }` : text
}

function fragments(steps: readonly Step[]): string {
  const depth = steps.length - 1
  const last = steps[depth]
  if (!last) return ''
  const { parent, field } = last
  const key = keyOf('named', field.name, depth)
  const body = `${key}: ${field.name}${given(field, true)} ${selectionOf(field)}`
  const first = steps[0]?.parent.name
  if (depth === 0) return `fragment Named on ${first} { ${body} }`
  return `fragment Named on ${first} { ${written('named', steps)} }
    fragment Last on ${parent.name} { ${body} }`
}

/** Asks for the end of a way in some shapes; of an entity by its key alone. */
export function questionOf(
  way: Way,
  shapes: readonly Shape[],
  keys: readonly object[] = [],
): Question {
  const { from, steps } = way
  const last = steps.at(-1)
  if (!last) throw new Error('a way leads somewhere')
  const own = last.field.args.filter(needs)
  const values = argumentsOf(last.field)
  const variables = Object.fromEntries(own.map(({ name }) => [name, values[name]]))
  const declared = own.map(({ name, type }) => `$${name}: ${type}`)
  const parts = shapes.map((shape) => (shape === 'named' ? '...Named' : written(shape, steps)))
  const tail = shapes.includes('named') ? fragments(steps) : ''
  if (typeof from === 'string') {
    const head = declared.length > 0 ? `(${declared.join(', ')})` : ''
    const query = `${from.toLowerCase()} Parity${head} { ${parts.join(' ')} } ${tail}`
    return { query, variables, shapes }
  }
  const query = `query Parity(${['$keys: [_Any!]!', ...declared].join(', ')}) {
    _entities(representations: $keys) { ... on ${from.entity} { ${parts.join(' ')} } }
  } ${tail}`
  return { query, variables: { ...variables, keys }, shapes }
}
