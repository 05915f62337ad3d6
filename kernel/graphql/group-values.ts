import {
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
} from 'graphql'
import type { AggregateRow } from '../db/aggregates.ts'
import type { JsonObject } from './scalars.ts'

type Group = AggregateRow['group']

/** What `where: { <name>: { eq } }` takes; null where nothing of that name is compared. */
function comparedType(where: GraphQLNamedType | undefined, name: string): GraphQLNamedType | null {
  const filter = isInputObjectType(where) && getNamedType(where.getFields()[name]?.type)
  return (isInputObjectType(filter) && getNamedType(filter.getFields().eq?.type)) || null
}

function toValue(compared: GraphQLNamedType | null, text: string | null) {
  if (text === null || !compared) return text
  if (isEnumType(compared)) return String(compared.serialize(text))
  return compared.name === 'Boolean' ? text === '1' : text
}

/**
 * The values of a group as the list's `where` takes them, and its type's fields answer them: names
 * of an enum, true and false; a database tells of them as texts of its own.
 */
export function toGroupValues(
  group: Group,
  { whereName, schema }: { whereName: string; schema: GraphQLSchema },
): JsonObject {
  const where = schema.getType(whereName)
  return Object.fromEntries(
    Object.entries(group).map(([name, text]) => [name, toValue(comparedType(where, name), text)]),
  )
}
