import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  isNonNullType,
  isObjectType,
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

/** Every type, field and input without a description. */
export function undescribed(schema: GraphQLSchema): string[] {
  return objectTypes(schema).flatMap((type) => [
    ...(type.description ? [] : [type.name]),
    ...Object.values(type.getFields())
      .filter(({ name, description }) => !description && !FEDERATION_FIELDS.has(name))
      .map(({ name }) => `${type.name}.${name}`),
  ])
}

const isGuarded = (access: object | null) => access !== null && !('public' in access)

function objectTypes(schema: GraphQLSchema): GraphQLObjectType[] {
  return Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter(({ name }) => !name.startsWith('_'))
}
