import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import { valuesOf } from '../leaks/values.ts'
import { isGuardedType, type ProtectedField, plainLeafOf } from './protected-fields.ts'

/** One field of a way, on the type that has it. */
export type Step = { parent: GraphQLObjectType; field: GraphQLField<unknown, unknown> }

/** How a protected field is come to: from a root, or from an entity that is known by its key. */
export type Way = {
  from: 'Query' | 'Mutation' | 'Subscription' | { entity: string }
  steps: readonly Step[]
}

const LONGEST = 7
/** Ways to one type that are tried until one leads to an object. */
const MOST_WAYS = 8

/** True where nothing stands in for a value. */
export const needs = ({ type, defaultValue }: GraphQLArgument) =>
  isNonNullType(type) && defaultValue === undefined
const isFree = ({ args }: GraphQLField<unknown, unknown>) => !args.some(needs)

/** The shortest ways from some objects to every type below them, over fields that ask for nothing. */
function waysBelow(start: GraphQLObjectType, from: Way['from']): Map<string, Way[]> {
  const found = new Map<string, Way[]>([[start.name, [{ from, steps: [] }]]])
  let edge: Way[] = [{ from, steps: [] }]
  const typeAt = ({ steps }: Way) => {
    const last = steps.at(-1)
    const type = last ? getNamedType(last.field.type) : start
    return isObjectType(type) ? type : null
  }
  for (let length = 0; length < LONGEST; length += 1) {
    const next: Way[] = []
    for (const way of edge) {
      const parent = typeAt(way)
      for (const field of parent ? Object.values(parent.getFields()) : []) {
        const type = getNamedType(field.type)
        if (!parent || !isObjectType(type) || !isFree(field) || field.name.startsWith('_')) continue
        const known = found.get(type.name) ?? []
        if (known.length >= MOST_WAYS) continue
        const longer = { from, steps: [...way.steps, { parent, field }] }
        found.set(type.name, [...known, longer])
        next.push(longer)
      }
    }
    edge = next
  }
  return found
}

/** Ways of one subgraph to the objects of each of its types. */
export function waysIn(schema: GraphQLSchema, entities: readonly GraphQLObjectType[]) {
  const query = schema.getQueryType()
  const starts = [
    ...(query ? [waysBelow(query, 'Query')] : []),
    ...entities.map((type) => waysBelow(type, { entity: type.name })),
  ]
  return (field: ProtectedField): Way[] => {
    const { parent } = field
    const step = { parent, field: field.field }
    if (parent === schema.getMutationType()) return [{ from: 'Mutation', steps: [step] }]
    if (parent === schema.getSubscriptionType()) return [{ from: 'Subscription', steps: [step] }]
    const ways = starts.flatMap((ofStart) => ofStart.get(parent.name) ?? [])
    return ways.map(({ from, steps }) => ({ from, steps: [...steps, step] }))
  }
}

let nonces = 0

function withIds(args: readonly GraphQLArgument[], values: Record<string, unknown>) {
  const filled = { ...values }
  for (const argument of args.filter(needs)) {
    const type = getNamedType(argument.type)
    if (type.name === 'ID') filled[argument.name] = '999999999'
    if (isInputObjectType(type)) {
      const inner = Object.values(type.getFields()) as unknown as GraphQLArgument[]
      filled[argument.name] = withIds(inner, (values[argument.name] ?? {}) as typeof values)
    }
  }
  return filled
}

/** Arguments that are valid and concern nothing that there is. */
export function argumentsOf({ args }: GraphQLField<unknown, unknown>): Record<string, unknown> {
  return withIds(args, valuesOf(args, 'required', `parity-${++nonces}`))
}

/** What is selected of a field's answer, so that the rule of its type is asked as well. */
export function selectionOf({ type }: GraphQLField<unknown, unknown>): string {
  const named = getNamedType(type)
  if (!isObjectType(named)) return ''
  const leaf = isGuardedType(named) ? plainLeafOf(named)?.name : undefined
  return `{ ${leaf ?? '__typename'} }`
}
