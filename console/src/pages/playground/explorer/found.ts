import {
  type GraphQLNamedType,
  type GraphQLSchema,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql'

/** A type or a field whose name holds what is looked for. */
export type Found = { type: string; field: string | null; about: string }

const MOST = 100

const fieldsOf = (type: GraphQLNamedType) =>
  isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)
    ? Object.values(type.getFields())
    : []

const isOurs = ({ name }: GraphQLNamedType) => !name.startsWith('__')

/** Searches types and fields; those that begin with the text first. */
export function find(schema: GraphQLSchema, text: string): { found: Found[]; isWhole: boolean } {
  const wanted = text.trim().toLowerCase()
  const found: Found[] = []
  for (const type of Object.values(schema.getTypeMap()).filter(isOurs)) {
    const about = type.description ?? ''
    if (type.name.toLowerCase().includes(wanted))
      found.push({ type: type.name, field: null, about })
    for (const field of fieldsOf(type)) {
      if (!field.name.toLowerCase().includes(wanted)) continue
      found.push({ type: type.name, field: field.name, about: field.description ?? '' })
    }
  }
  const rank = ({ type, field }: Found) =>
    Number(!(field ?? type).toLowerCase().startsWith(wanted)) * 2 + Number(field !== null)
  found.sort((one, other) => rank(one) - rank(other) || one.type.localeCompare(other.type))
  return { found: found.slice(0, MOST), isWhole: found.length <= MOST }
}
