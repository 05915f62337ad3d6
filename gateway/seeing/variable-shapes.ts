import { isRecord } from '../transport/answer.ts'

const MOST_NAMES = 20
const LONGEST_NAME = 64

/** The next power of two, so that nobody reads a length of a secret to the letter. */
const roughly = (length: number) => (length === 0 ? 0 : 2 ** Math.ceil(Math.log2(length)))

function shapeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'string') return `text(≤${roughly(value.length)})`
  if (Array.isArray(value)) return `list(${value.length})`
  if (isRecord(value)) return `object(${Object.keys(value).length})`
  return typeof value
}

/**
 * What variables are, never what they say: kinds and sizes. Ids and numbers are values too, which
 * name a person as well as a text does; names within objects are the client's own, and left out.
 */
export function shapesOf(
  declared: readonly string[],
  variables: Readonly<Record<string, unknown>>,
): Record<string, string> {
  const given = declared.filter((name) => Object.hasOwn(variables, name)).slice(0, MOST_NAMES)
  return Object.fromEntries(
    given.map((name) => [name.slice(0, LONGEST_NAME), shapeOf(variables[name])]),
  )
}
