import { expect, test } from 'vitest'
import { startStandaloneWorld } from '../../kit/gateway.ts'

const shelf = {
  name: 'shelf',
  typeDefs: `
    type Query { book: Book }
    type Book @key(fields: "id") { id: ID! weight: Int }
  `,
  resolvers: { Query: { book: () => ({ id: 'b1', weight: 2 }) } },
}

const shop = {
  name: 'shop',
  typeDefs: `
    type Book @key(fields: "id") {
      id: ID!
      weight: Int @external
      price: Int
      postage: Int @requires(fields: "weight")
    }
  `,
  resolvers: {
    Book: {
      __resolveReference: (reference: object) => reference,
      price: () => 10,
      postage: ({ weight }: { weight: number }) => weight * 3,
    },
  },
}

test.each([
  ['', { price: 10 }, { price: 10, postage: 6 }],
  [' = true', { price: 10 }, { price: 10, postage: 6 }],
])(
  'a field whose condition does not hold leaves its neighbours alone, and the cost of its plan too%s',
  async (fallback, without, withIt) => {
    await using world = await startStandaloneWorld({ subgraphs: [shelf, shop] })
    const query = `query ($on: Boolean!${fallback}) { book { price postage @include(if: $on) } }`
    const ask = async (variables: Record<string, unknown>) =>
      (await world.ask(query, { variables })).body
    expect(await ask({ on: false })).toMatchObject({ data: { book: without } })
    expect(await ask({ on: true })).toMatchObject({ data: { book: withIt } })
    if (fallback) expect(await ask({})).toMatchObject({ data: { book: withIt } })
  },
)
