import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type FieldNode,
  type GraphQLSchema,
  Kind,
  type SelectionSetNode,
  visit,
} from 'graphql'

type Json = Record<string, unknown>

const TYPE_KEY = 'zz'
const TYPE_FIELD: FieldNode = {
  kind: Kind.FIELD,
  alias: { kind: Kind.NAME, value: TYPE_KEY },
  name: { kind: Kind.NAME, value: '__typename' },
}

/** The document with the type of every object asked for besides, so that answers can be read back. */
export function tellingTypes(document: DocumentNode): DocumentNode {
  return visit(document, {
    SelectionSet: {
      leave: (node: SelectionSetNode, _key, parent) => {
        const isRoot = parent && 'kind' in parent && parent.kind === Kind.OPERATION_DEFINITION
        return isRoot ? undefined : { ...node, selections: [...node.selections, TYPE_FIELD] }
      },
    },
  })
}

/** An identifier may be told as a number. */
const comparable = (value: unknown) =>
  JSON.stringify(value, (_key, item) => (typeof item === 'number' ? String(item) : item))

/**
 * Says what is wrong with an answer, whatever subgraphs said: graphql-js reads it as the world and
 * has to find the same answer in it, without an error. Null when nothing is wrong.
 */
export async function nonconformity(
  schema: GraphQLSchema,
  asked: { document: DocumentNode; operationName: string | undefined; variables: Json },
  { data }: ExecutionResult,
): Promise<string | null> {
  if (!data) return null
  const read = await execute({
    ...{ schema, document: asked.document, operationName: asked.operationName },
    variableValues: asked.variables,
    rootValue: data,
    fieldResolver: (source: Json, _args, _context, { path }) => source[path.key],
    typeResolver: (source: Json) => String(source[TYPE_KEY]),
  })
  const [error] = read.errors ?? []
  if (error) return `${error.message} at ${error.path?.join('.')}`
  return comparable(read.data) === comparable(data) ? null : `read as ${JSON.stringify(read.data)}`
}
