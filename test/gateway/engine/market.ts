import type { SubgraphSource } from './federated-world.ts'
import { LINK } from './federated-world.ts'

type Reference = { id: string }

const BOOKS = ['b1', 'b2', 'b3'].map((id) => ({ __typename: 'Book', id }))
const FILM = { __typename: 'Film', id: 'f1' }

/** A live stream that a test feeds. */
export function createFeed<Event>() {
  const waiting: Event[] = []
  let wake = Promise.withResolvers<void>()
  let failure: Error | null = null
  let isEnded = false
  const state = { taken: 0, isClosed: false }
  const tell = () => {
    wake.resolve()
    wake = Promise.withResolvers()
  }
  async function* read(): AsyncGenerator<Event> {
    while (true) {
      if (failure) throw failure
      const event = waiting.shift()
      if (event !== undefined) {
        state.taken++
        yield event
      } else if (isEnded) return
      else await wake.promise
    }
  }
  return {
    state,
    read,
    push: (...events: Event[]) => {
      waiting.push(...events)
      tell()
    },
    fail: (cause: Error) => {
      failure = cause
      tell()
    },
    end: () => {
      isEnded = true
      tell()
    },
  }
}

/** Subgraphs that need every kind of plan node: entities, requires, interfaces, unions, lists. */
export const market: Record<string, SubgraphSource> = {
  catalogue: {
    sdl: `${LINK}
      type Query { items: [Item!]  shelf: [[Book]]  top: Thing  book(id: ID!): Book  weights(unit: String = "kg"): [Book] }
      type Mutation { first: Int second: Int }
      type Subscription { sold: Book  failing: Book }
      interface Item @key(fields: "id") { id: ID! title: String }
      type Book implements Item @key(fields: "id") { id: ID! title: String  weight(unit: String): Int  broken: String }
      type Film implements Item @key(fields: "id") { id: ID! title: String minutes: Int }
      union Thing = Book | Film
    `,
    resolvers: {
      Query: {
        items: () => [...BOOKS, FILM, BOOKS[0]],
        shelf: () => [[BOOKS[0], null], null, [BOOKS[1]]],
        top: () => FILM,
        book: (_: unknown, { id }: Reference) => ({ id }),
        weights: () => BOOKS,
      },
      Item: {
        __resolveReference: ({ id }: Reference) => [...BOOKS, FILM].find((item) => item.id === id),
      },
      Book: {
        __resolveReference: ({ id }: Reference) => ({ id }),
        title: ({ id }: Reference) => `title ${id}`,
        weight: (_: Reference, { unit }: { unit?: string }) => (unit === 'g' ? 2000 : 2),
        broken: ({ id }: Reference) => {
          if (id === 'b2') throw new Error('b2 is broken')
          return `whole ${id}`
        },
      },
      Film: {
        __resolveReference: ({ id }: Reference) => ({ id }),
        title: ({ id }: Reference) => `film ${id}`,
        minutes: () => 90,
      },
    },
  },
  prices: {
    sdl: `${LINK}
      type Mutation { third: Int }
      type Book @key(fields: "id") {
        id: ID!
        weight(unit: String): Int @external
        price: Int
        postage: Int @requires(fields: "weight(unit: \\"g\\")")
        needed: Int!
        seller: Seller
      }
      type Film @key(fields: "id") { id: ID! price: Int }
      type Seller @key(fields: "id") { id: ID! }
    `,
    resolvers: {
      Mutation: { third: () => 3 },
      Book: {
        __resolveReference: (reference: Reference) => reference,
        price: ({ id }: Reference) => {
          if (id === 'b2') throw new Error('no price for b2')
          return Number(id.slice(1)) * 10
        },
        postage: ({ weight }: { weight: number }) => weight / 10,
        needed: ({ id }: Reference) => (id === 'b3' ? null : 1),
        seller: () => ({ id: 's1' }),
      },
      Film: { __resolveReference: (reference: Reference) => reference, price: () => 99 },
    },
  },
  reviews: {
    sdl: `${LINK}
      type Item @key(fields: "id") @interfaceObject { id: ID! stars: Int }
    `,
    resolvers: {
      Item: {
        __resolveReference: ({ id }: Reference) => ({ id }),
        stars: ({ id }: Reference) => (id === 'f1' ? 5 : 3),
      },
    },
  },
  sellers: {
    sdl: `${LINK}
      type Seller @key(fields: "id") { id: ID! name: String books: [Book] }
      type Book @key(fields: "id", resolvable: false) { id: ID! }
    `,
    resolvers: {
      Seller: {
        __resolveReference: ({ id }: Reference) => ({ id }),
        name: ({ id }: Reference) => `seller ${id}`,
        books: () => BOOKS.map(({ id }) => ({ id })),
      },
    },
  },
}
