import type { SubgraphSource } from './federation.ts'

const NAMES = ['north', 'east', 'south', 'west', 'centre']
const KINDS = ['Oak', 'Elm']

/** Every field of every type in every subgraph: what asks for few of them can be planned in many ways. */
const typeDefsOf = (name: string) => `
  type Query { tree: Tree @shareable trees: [Tree!]! @shareable ${name}: Int }
  interface Tree { id: ID! next: Tree name: String size: Int }
  ${KINDS.map(
    (kind, place) => `
    type ${kind} implements Tree @key(fields: "id") {
      id: ID!
      next: Tree @shareable
      name: String @shareable
      size: Int @shareable
      ${name}: Int
      other: ${KINDS[(place + 1) % KINDS.length]} @shareable
    }`,
  ).join('\n')}
`

/** Five subgraphs that all know the same trees. */
export const explodingSubgraphs = (): SubgraphSource[] =>
  NAMES.map((name) => ({
    name,
    typeDefs: typeDefsOf(name),
    resolvers: {
      Tree: { __resolveType: () => 'Oak' },
      Query: {
        tree: () => ({ id: '1', name: 'one', size: 1 }),
        trees: () => [],
        [name]: () => 1,
      },
    },
  }))

const nested = (depth: number): string =>
  depth === 0
    ? 'name size'
    : `name size next { ${nested(depth - 1)} } ... on Oak { other { north name } }`

/** An operation within every limit of this gateway whose plan takes seconds; `seed` tells it from others. */
export const explodingQuery = (seed = 'a', aliases = 45): string => {
  const branches = Array.from({ length: aliases }, (_, i) => `${seed}${i}: next { ${nested(2)} }`)
  return `{ tree { ${branches.join(' ')} } }`
}

/** An operation with more ways to one field than are followed. */
export const BRANCHING_QUERY = `{ tree { ${nested(4)} } }`
