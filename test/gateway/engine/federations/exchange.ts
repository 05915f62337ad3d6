import type { Federation } from '../differential/federation.ts'
import { linkAll } from '../federated-world.ts'

/** What changes, and what is told of changes. */
export const exchange: Federation = {
  name: 'exchange',
  about: 'mutations over several subgraphs, subscriptions completed by others',
  isForApollo: true,
  subgraphs: {
    orders: `${linkAll()}
      type Query { orders(state: State): [Order!]  book: Book }
      type Mutation { place(side: Side!, amount: Int = 1, limits: [Float!]): Order  cancel(id: ID!): Order!  clear: Int }
      type Subscription { placed(sides: [Side!] = [BUY, SELL]): Order  trades: [Trade!]  ticks(symbol: ID!): Tick! }
      enum State { OPEN DONE }
      enum Side { BUY SELL }
      type Order @key(fields: "id") { id: ID!  side: Side!  amount: Int  trader: Trader  fills: [[Trade]] }
      type Trade { price: Float  order: Order  against: Trader }
      type Trader @key(fields: "id") { id: ID! }
      type Tick { symbol: Symbol  price: Float!  book: Book }
      type Symbol @key(fields: "id") { id: ID! }
      type Book { bids: [Order]!  asks: [Order!]  symbol: Symbol! }
    `,
    people: `${linkAll()}
      type Query { traders: [Trader]  me: Trader! }
      type Mutation { rename(id: ID!, to: String = "nobody"): Trader  enrol(names: [String!]!): [Trader!] }
      type Subscription { joined: Trader }
      type Trader @key(fields: "id") { id: ID!  name: String!  friends: [Trader]  limit(of: Int): Int }
    `,
    market: `${linkAll()}
      type Query { symbols: [Symbol!]! }
      type Mutation { halt(symbol: ID!): Symbol }
      type Symbol @key(fields: "id") { id: ID!  name: String  open: Boolean!  lead: Trader }
      type Order @key(fields: "id") { id: ID!  fee: Float  symbol: Symbol! }
      type Trader @key(fields: "id") { id: ID!  rank: Int  watches: [[Symbol!]!]! }
    `,
  },
}
