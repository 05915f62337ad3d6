import {
  type DocumentNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isAbstractType,
  isCompositeType,
  isIntrospectionType,
  isObjectType,
  OperationTypeNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql'

/** How long what a field or a type gives may be kept. */
export type CacheHint = { maxAgeSeconds: number }

/** What the kernel's builder leaves on fields and types. */
type Extended = { extensions: object }

const hintOf = ({ extensions }: Extended): number | null =>
  (extensions as { cache?: CacheHint | null }).cache?.maxAgeSeconds ?? null

/** The shortest life of the types by which an answer may turn out to be of this one. */
function hintOfType(schema: GraphQLSchema, type: ReturnType<typeof getNamedType>): number {
  const possible: readonly GraphQLObjectType[] = isAbstractType(type)
    ? schema.getPossibleTypes(type)
    : isObjectType(type)
      ? [type]
      : []
  return Math.min(...possible.map((one) => hintOf(one) ?? 0))
}

/** A value without parts lives as long as what it is part of, unless it says otherwise. */
function lifeOf(
  schema: GraphQLSchema,
  field: GraphQLField<unknown, unknown>,
  isRoot: boolean,
): number {
  const own = hintOf(field)
  if (own !== null) return own
  const type = getNamedType(field.type)
  if (isCompositeType(type)) return hintOfType(schema, type)
  return isRoot ? 0 : Number.POSITIVE_INFINITY
}

type Asked = {
  schema: GraphQLSchema
  document: DocumentNode
  operationName?: string | null | undefined
}

/**
 * How long the answer to a query may be kept, in seconds: the least of what its fields declare. 0 where
 * a root field or one with parts declares nothing. Entities count as what they turn out to be.
 */
export function maxAgeOf({ schema, document, operationName }: Asked): number {
  const operation = getOperationAST(document, operationName)
  if (operation?.operation !== OperationTypeNode.QUERY) return 0
  const info = new TypeInfo(schema)
  let least = Number.POSITIVE_INFINITY
  // What stands within a fragment says what an entity is: it lives as its type does.
  const noteEntity = () => {
    const type = info.getType()
    if (isCompositeType(type) && type !== schema.getQueryType())
      least = Math.min(least, hintOfType(schema, type))
  }
  visit(
    document,
    visitWithTypeInfo(info, {
      Field({ name }) {
        const field = info.getFieldDef()
        const parent = info.getParentType()
        if (name.value === '__typename') return
        if (!field || !parent || isIntrospectionType(getNamedType(field.type))) {
          least = 0
          return
        }
        if (name.value === '_entities') return
        least = Math.min(least, lifeOf(schema, field, parent === schema.getQueryType()))
      },
      InlineFragment: noteEntity,
      FragmentDefinition: noteEntity,
    }),
  )
  return Number.isFinite(least) ? least : 0
}
