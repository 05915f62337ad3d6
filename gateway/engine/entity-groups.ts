import type { GraphQLFormattedError } from 'graphql'
import { type JsonObject, own } from './own-properties.ts'

/** An answer of a subgraph to a question for entities. */
export type EntityAnswer = {
  data?: JsonObject | null | undefined
  errors?: readonly GraphQLFormattedError[] | undefined
}

/** The response key of a group, where one operation asks for several groups of entities. */
export const keyOfGroup = (group: number): string => `_${group}`

/** What each group would have been answered alone; errors without a place are told with the first. */
export function answersOfGroups(
  { data, errors = [] }: EntityAnswer,
  keys: readonly string[],
): EntityAnswer[] {
  return keys.map((key, at) => ({
    data: data && { _entities: own(data, key) },
    errors: errors.flatMap((error) => errorOfGroup(error, { keys, at })),
  }))
}

function errorOfGroup(
  error: GraphQLFormattedError,
  { keys, at }: { keys: readonly string[]; at: number },
): GraphQLFormattedError[] {
  const [root, ...rest] = error.path ?? []
  const owner = Math.max(0, keys.indexOf(String(root)))
  if (owner !== at) return []
  return [root === keys[at] ? { ...error, path: ['_entities', ...rest] } : error]
}
