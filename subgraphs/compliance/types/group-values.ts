import { type GraphQLSchema, getNamedType, isEnumType, isObjectType } from 'graphql'
import type { AggregateRow } from '#kernel/db/aggregates.ts'
import type { JsonObject } from '#kernel/graphql/scalars.ts'

type Group = AggregateRow['group']

/**
 * The values of a group as the type's fields of the same names answer them: names of an enum, true
 * and false; a database tells of them as texts of its own.
 */
export function toGroupValues(
  group: Group,
  { typeName, schema }: { typeName: string; schema: GraphQLSchema },
): JsonObject {
  const type = schema.getType(typeName)
  const fields = isObjectType(type) ? type.getFields() : {}
  const toValue = (name: string, text: string | null) => {
    const field = fields[name]
    const fieldType = field && getNamedType(field.type)
    if (text === null || !fieldType) return text
    if (isEnumType(fieldType)) return String(fieldType.serialize(text))
    return fieldType.name === 'Boolean' ? text === '1' : text
  }
  return Object.fromEntries(
    Object.entries(group).map(([name, text]) => [name, toValue(name, text)]),
  )
}
