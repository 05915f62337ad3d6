import type { Federation } from '../differential/federation.ts'
import { linkAll } from '../federated-world.ts'

/** Interfaces in every form that federation has. */
export const press: Federation = {
  name: 'press',
  about: '`@key` on interfaces, `@interfaceObject`, interfaces that implement interfaces, unions',
  isForApollo: true,
  subgraphs: {
    desk: `${linkAll()}
      type Query { media: [Media]  front: [Front!]!  node(id: ID!): Node  printed: [Printed] }
      interface Node { id: ID! }
      interface Printed implements Node { id: ID!  pages: Int }
      interface Media @key(fields: "id") { id: ID!  title(loud: Boolean): String }
      type Article implements Media & Node @key(fields: "id") {
        id: ID!  title(loud: Boolean): String  words: Int!  author: Person  next: [Media]
      }
      type Book implements Media & Node & Printed @key(fields: "id") {
        id: ID!  title(loud: Boolean): String  pages: Int  author: Person  cover: Photo
      }
      type Photo implements Media @key(fields: "id") {
        id: ID!  title(loud: Boolean): String  width: Int  of: [[Subject!]]
      }
      type Person implements Node @key(fields: "id") { id: ID!  name: String  wrote: [Media!] }
      union Front = Article | Photo | Person
      union Subject = Person | Place
      type Place { name: String  photo: Photo }
    `,
    opinions: `${linkAll()}
      type Query { topRated(limit: Int = 2): [Media]  worst: Media }
      type Media @key(fields: "id") @interfaceObject {
        id: ID!
        stars: Int!
        comments(first: Int): [Comment]
        similar: [Media!]
      }
      type Comment @key(fields: "id") { id: ID!  text: String  about: Media  by: Person }
      type Person @key(fields: "id") { id: ID!  comments: [Comment] }
    `,
    archive: `${linkAll()}
      type Query { years: [[Record]] }
      union Record = Article | Book
      type Article @key(fields: "id") { id: ID!  year: Int  replaced: Article }
      type Book @key(fields: "id") { id: ID!  year: Int  shelf: String }
    `,
  },
}
