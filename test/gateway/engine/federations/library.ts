import type { Federation } from '../differential/federation.ts'
import { linkAll } from '../federated-world.ts'

/** Entities by composite, several, nested and unresolvable keys. */
export const library: Federation = {
  name: 'library',
  about: '`@key` (composite, several, nested, `resolvable: false`), `@shareable`, `@external`',
  isForApollo: true,
  subgraphs: {
    catalogue: `${linkAll()}
      type Query {
        books(first: Int = 3, genre: [Genre!]): [Book!]
        book(isbn: String!): Book
        shelves: [[Book]]
        grid: [[[Copy!]]!]!
        branch(id: ID): Branch
      }
      enum Genre { NOVEL POEM ATLAS }
      type Book @key(fields: "isbn") @key(fields: "code { shelf row }  title") {
        isbn: String!
        title: String!
        code: Code!
        genres: [Genre]
        pages(unit: String = "A4"): Int
        sequel: Book
        copies(state: [Int!] = [1, 2]): [Copy]
      }
      type Code @shareable { shelf: String!  row: Int! }
      type Copy @key(fields: "number branch { id }") {
        number: String!
        branch: Branch!
        worn: Float
      }
      type Branch @key(fields: "id") { id: ID!  name: String @shareable }
    `,
    lending: `${linkAll()}
      type Query { overdue(days: Int! = 7): [Copy!]!  readers: [Reader] }
      type Copy @key(fields: "number branch { id }") {
        number: String!
        branch: Branch!
        loanedTo: Reader
        history: [[Reader!]]
      }
      type Branch @key(fields: "id") { id: ID!  open: Boolean  best: [Reader!] }
      type Reader @key(fields: "card") @key(fields: "mail") {
        card: ID!
        mail: String!
        name: String
        loans: [Copy!]
        favourite: Book
      }
      type Book @key(fields: "isbn", resolvable: false) { isbn: String! }
    `,
    reviews: `${linkAll()}
      type Query { latest: [Review!]  bestRated: Book }
      type Review @key(fields: "id") { id: ID!  stars: Int!  text: String  about: Book!  by: Reader }
      type Book @key(fields: "code { shelf row } title") {
        title: String!
        code: Code!
        reviews(top: Int): [Review]
        average: Float
      }
      type Code @shareable { shelf: String!  row: Int! }
      type Reader @key(fields: "mail") { mail: String!  reviews: [Review!]!  rank: Int }
      type Branch @key(fields: "id") { id: ID!  name: String @shareable  rating: Float }
    `,
  },
}
