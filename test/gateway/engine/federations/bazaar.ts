import type { Federation } from '../differential/federation.ts'
import { linkAll } from '../federated-world.ts'

/** Fields that are told something of the things above them. */
export const bazaar: Federation = {
  name: 'bazaar',
  about: '`@context` and `@fromContext`: on objects and unions, over subgraphs, levels and lists',
  isForApollo: false,
  subgraphs: {
    goods: `${linkAll()}
      type Query { shops(city: String): [Shop!]!  streets: [[Street]]  places: [Place]  corner: Shop }
      type Subscription { opened: Shop }
      union Place @context(name: "place") = Shop | Street
      type Shop @key(fields: "id") @context(name: "trade") @context(name: "shop") {
        id: ID!  sign: String  currency: String @external  tags: [String!]
        stock: [Good]  best: Good  rows: [[Good!]]  medal: Medal  next: Shop
      }
      type Street @key(fields: "name") @context(name: "trade") {
        name: String!  title: String  rate: String  owner: Owner  good: Good  best: Good
      }
      type Owner @key(fields: "id") { id: ID!  first: String }
      type Medal @key(fields: "id") {
        id: ID!
        text(of: String @fromContext(field: "$shop { sign }"), loud: Boolean = true): String
        all(of: [String] @fromContext(field: "$shop { tags }")): [String]
      }
      type Good @key(fields: "id") {
        id: ID!
        plain: Int
        price(in: String @fromContext(field: "$trade ... on Shop { currency } ... on Street { rate }"), factor: Int = 1): String
        label(of: String @fromContext(field: "$place ... on Shop { sign } ... on Street { title }")): String
        part: Part
        parts: [Part!]
      }
      type Part @key(fields: "id") {
        id: ID!
        tax(in: String @fromContext(field: "$trade ... on Shop { currency } ... on Street { owner { first } }")): String
      }
    `,
    money: `${linkAll()}
      type Query { rates: [Int] }
      type Shop @key(fields: "id") { id: ID!  currency: String  debts: Int }
      type Good @key(fields: "id") { id: ID!  weight: Int  twins: [Good] }
      type Part @key(fields: "id") { id: ID!  maker: String }
    `,
  },
}
