import { readFileSync } from 'node:fs'
import {
  buildASTSchema,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isLeafType,
  isObjectType,
  parse,
} from 'graphql'

const SUPERGRAPH = new URL('../../schema/supergraph.graphql', import.meta.url)
/** Directives of a field that not everybody may ask for. */
const GUARDS = new Set(['authenticated', 'requiresScopes', 'policy'])
/** Items of a list. */
const FIRST = 20

export type RootField = { name: string; kind: 'query' | 'mutation' }

type Field = GraphQLField<unknown, unknown>

/** Writes the documents of root fields as the supergraph describes them. */
export type Documents = {
  roots: readonly RootField[]
  /** One operation with one root field, its values as variables; without `select` all that is flat. */
  write: (root: string, variables: readonly string[], select?: string) => string
}

const isGuarded = ({ astNode }: Field) =>
  astNode?.directives?.some(({ name }) => GUARDS.has(name.value)) === true

/** Fields that anybody who may see their type may ask for, as they are. */
const plainFields = (type: GraphQLObjectType): Field[] =>
  Object.values(type.getFields()).filter((field) => field.args.length === 0 && !isGuarded(field))

const isLeaf = ({ type }: Field) => isLeafType(getNamedType(type))

/** A value of several parts, such as money: nothing that is known by an id. */
function isValue(type: GraphQLOutputType): boolean {
  const named = getNamedType(type)
  if (!isObjectType(named) || 'id' in named.getFields()) return false
  return Object.values(named.getFields()).every(isLeaf)
}

function flatOf(type: GraphQLObjectType): string {
  return plainFields(type)
    .flatMap((field) => {
      if (isLeaf(field)) return [field.name]
      const named = getNamedType(field.type)
      return isValue(field.type) && isObjectType(named)
        ? [`${field.name} { ${flatOf(named)} }`]
        : []
    })
    .join(' ')
}

/** All of a thing that is flat; of a list, of each of its things. */
function selectionOf(type: GraphQLOutputType, select?: string): string {
  const named = getNamedType(type)
  if (!isObjectType(named)) return ''
  const { edges } = named.getFields()
  if (!edges) return `{ ${select ?? flatOf(named)} }`
  const edge = getNamedType(edges.type) as GraphQLObjectType
  const node = getNamedType(edge.getFields().node?.type as GraphQLOutputType) as GraphQLObjectType
  return `{ edges { node { ${select ?? flatOf(node)} } } pageInfo { hasNextPage endCursor } }`
}

const rootsOf = (type: GraphQLObjectType | null | undefined): Record<string, Field> =>
  type?.getFields() ?? {}

/** Reads the committed supergraph. */
export function readDocuments(): Documents {
  const ast = parse(readFileSync(SUPERGRAPH, 'utf8'))
  const schema = buildASTSchema(ast, { assumeValidSDL: true })
  const queries = rootsOf(schema.getQueryType())
  const mutations = rootsOf(schema.getMutationType())
  return {
    roots: [
      ...Object.keys(queries).map((name) => ({ name, kind: 'query' as const })),
      ...Object.keys(mutations).map((name) => ({ name, kind: 'mutation' as const })),
    ],
    write: (root, variables, select) => {
      const field = queries[root] ?? mutations[root]
      if (!field) throw new Error(`there is no root field ${root}`)
      const kind = root in queries ? 'query' : 'mutation'
      const args = field.args.filter(({ name }) => variables.includes(name))
      const isPage = field.args.some(({ name }) => name === 'first') && !variables.includes('first')
      const declared = args.map(({ name, type }) => `$${name}: ${String(type)}`)
      const given = [
        ...args.map(({ name }) => `${name}: $${name}`),
        ...(isPage ? [`first: ${FIRST}`] : []),
      ]
      const list = (items: readonly string[]) => (items.length > 0 ? `(${items.join(', ')})` : '')
      const name = `Bench${root[0]?.toUpperCase()}${root.slice(1)}`
      return `${kind} ${name}${list(declared)} { ${root}${list(given)} ${selectionOf(field.type, select)} }`
    },
  }
}
