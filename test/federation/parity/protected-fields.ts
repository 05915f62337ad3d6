import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isObjectType,
} from 'graphql'
import type { Access } from '#kernel/graphql/access.ts'

/** A field that somebody may be refused: by a rule of its own, of its type, or of what it answers with. */
export type ProtectedField = {
  subgraph: string
  parent: GraphQLObjectType
  field: GraphQLField<unknown, unknown>
  /** `Type.field`. */
  coordinate: string
}

type Declared = { extensions: { access?: Access | null } }

/** What was declared once, in the schema itself: neither the SDL nor the gateway's reading of it. */
function isGuarded(declared: object): boolean {
  const { access } = (declared as Declared).extensions
  return access !== null && access !== undefined && !('public' in access)
}

const isInternal = (name: string) => name.startsWith('_')

export const isGuardedType = (type: GraphQLNamedType) => isObjectType(type) && isGuarded(type)

/** A plain field by which one sees whether an object was given: without arguments or a rule of its own. */
export function plainLeafOf(type: GraphQLObjectType): GraphQLField<unknown, unknown> | undefined {
  const plain = Object.values(type.getFields()).filter(
    (field) => isLeafType(getNamedType(field.type)) && field.args.length === 0 && !isGuarded(field),
  )
  return plain.find(({ name }) => name === 'id') ?? plain[0]
}

function fieldsOf(subgraph: string, parent: GraphQLObjectType): ProtectedField[] {
  const own = Object.values(parent.getFields()).filter(
    (field) =>
      !isInternal(field.name) && (isGuarded(field) || isGuardedType(getNamedType(field.type))),
  )
  // For a rule on the type itself one plain field stands for all that have no rule of their own.
  const plain = isGuarded(parent) ? plainLeafOf(parent) : undefined
  return [...new Set([...own, ...(plain ? [plain] : [])])].map((field) => ({
    ...{ subgraph, parent, field },
    coordinate: `${parent.name}.${field.name}`,
  }))
}

/** Every protected field and type of one subgraph's schema. */
export function protectedFieldsOf(subgraph: string, schema: GraphQLSchema): ProtectedField[] {
  return Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type))
    .filter(({ name }) => !isInternal(name))
    .flatMap((type) => fieldsOf(subgraph, type))
}
