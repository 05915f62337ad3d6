import type { Federation } from '../differential/federation.ts'
import { linkAll } from '../federated-world.ts'

/** Everything that can be given to a field. */
export const forms: Federation = {
  name: 'forms',
  about: 'input types with defaults, enums, lists and custom scalars as arguments, mutations',
  isForApollo: true,
  subgraphs: {
    intake: `${linkAll()}
      scalar Blob
      type Query {
        find(where: Where, order: [Order!] = [{ by: NAME }]): [Form]
        count(where: Where = { deep: { on: true } }): Int!
        echo(text: String = "none", number: Int, real: Float = 1.5, flag: Boolean! = true, id: ID, blob: Blob): String
        matrix(rows: [[Int]] = [[1], null, [2, 3]]): [[Int]]
      }
      type Mutation {
        submit(form: FormInput!, urgent: Boolean = false): Form
        withdraw(id: ID!): Boolean
        stamp(kinds: [Kind!]! = [A]): [Kind]
      }
      enum Kind { A B C }
      enum By { NAME AGE }
      input Order { by: By! = AGE  descending: Boolean = false }
      input Where {
        id: ID
        kinds: [Kind] = [A, B]
        deep: Deep
        not: Where
        min: Int = 1
      }
      input Deep { on: Boolean! = false  ratio: Float  blob: Blob  tags: [[String!]] }
      input FormInput { name: String!  kind: Kind = C  answers: [Answer!]  where: Where }
      input Answer { question: Int!  text: String = "–" }
      type Form @key(fields: "id") {
        id: ID!
        kind: Kind
        render(as: [By!], with: Deep = { on: true, ratio: 2 }): String
        children(where: Where): [Form!]
      }
    `,
    desk: `${linkAll()}
      scalar Blob
      type Mutation { assign(form: ID!, to: Clerk = { name: "nobody" }): Form  close(forms: [ID!]): Int }
      type Query { desks(kind: Kind = B): [Desk] }
      enum Kind { A B C }
      input Clerk { name: String! = "anyone"  level: Int }
      type Desk @key(fields: "id") { id: ID!  forms(kinds: [Kind]): [Form]  clerk: String }
      type Form @key(fields: "id") { id: ID!  note(blob: Blob, kind: Kind! = A): String  desk: Desk }
    `,
  },
}
