import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
  isUnionType,
} from 'graphql'

/** What the kernel leaves in `extensions` of a field or type: its `auth`, or null. */
type Declared = { readonly access?: object | null }

/** Federation's own fields; what they reach is covered by access on types with a key. */
const FEDERATION_FIELDS = new Set(['_entities', '_service'])

const accessOf = (one: { extensions: object }) => (one.extensions as Declared).access ?? null

/** Every root field and every type with a key that says nothing of access (DESIGN rule 2). */
export function undeclaredAccess(schema: GraphQLSchema): string[] {
  const fields = rootFields(schema)
    .filter(([, field]) => accessOf(field) === null)
    .map(([root, field]) => `${root.name}.${field.name} says nothing of access`)
  const types = entityTypes(schema)
    .filter((type) => accessOf(type) === null)
    .map((type) => `${type.name} has a key and says nothing of access`)
  return [...fields, ...types]
}

function rootFields(schema: GraphQLSchema): [GraphQLObjectType, GraphQLField<unknown, unknown>][] {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  return roots.flatMap((root) =>
    Object.values(root?.getFields() ?? {})
      .filter(({ name }) => root && !FEDERATION_FIELDS.has(name))
      .map((field): [GraphQLObjectType, GraphQLField<unknown, unknown>] => [
        root as GraphQLObjectType,
        field,
      ]),
  )
}

/** The members of `_Entity`: what `_entities` reaches without passing a root field. */
function entityTypes(schema: GraphQLSchema): readonly GraphQLObjectType[] {
  const union = schema.getType('_Entity')
  return isUnionType(union) ? union.getTypes() : []
}

/** Fields whose refusal would take their parent with it: access of their own, yet never null. */
export function refusalsThatSpread(schema: GraphQLSchema): string[] {
  return objectTypes(schema).flatMap((type) =>
    Object.values(type.getFields())
      .filter((field) => isGuarded(accessOf(field)) && isNonNullType(field.type))
      .map((field) => `${type.name}.${field.name} has access of its own and is never null`),
  )
}

/** Every type, field, argument, input and enum value without a description. */
export function undescribed(schema: GraphQLSchema): string[] {
  return ownTypes(schema).flatMap((type) => [
    ...(type.description ? [] : [type.name]),
    ...partsOf(type)
      .filter(({ description }) => !description)
      .map(({ name }) => `${type.name}.${name}`),
  ])
}

type Part = { readonly name: string; readonly description?: string | null | undefined }

function partsOf(type: GraphQLNamedType): readonly Part[] {
  if (isEnumType(type)) return type.getValues()
  if (isInputObjectType(type)) return Object.values(type.getFields())
  if (!isObjectType(type)) return []
  const fields = Object.values(type.getFields()).filter(({ name }) => !FEDERATION_FIELDS.has(name))
  return fields.flatMap((field): Part[] => [
    field,
    ...field.args.map(({ name, description }) => ({ name: `${field.name}.${name}`, description })),
  ])
}

/** Connections that do not say how long they are: their cost could not be judged (rule 11). */
export function unsizedLists(sdl: string): string[] {
  const lists = sdl.split('\n').filter((line) => /^ .*: \w+Connection\b/.test(line))
  return lists.filter((line) => !line.includes('@listSize')).map((line) => line.trim())
}

const isGuarded = (access: object | null) => access !== null && !('public' in access)

/** Federation's own, beside what GraphQL brings and what begins with an underscore. */
const FOREIGN_TYPES = new Set(['Service', 'FieldSet'])

const ownTypes = (schema: GraphQLSchema): GraphQLNamedType[] =>
  Object.values(schema.getTypeMap()).filter(
    (type) =>
      !type.name.startsWith('_') && !FOREIGN_TYPES.has(type.name) && !isSpecifiedScalarType(type),
  )

const objectTypes = (schema: GraphQLSchema): GraphQLObjectType[] =>
  ownTypes(schema).filter(isObjectType)
