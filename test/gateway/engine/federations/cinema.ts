import type { Federation } from '../differential/federation.ts'
import { linkAll } from '../federated-world.ts'

/** Parts of subgraphs that the world does not see, and scalars that only they understand. */
export const cinema: Federation = {
  name: 'cinema',
  about: '`@inaccessible`, `@tag`, custom scalars, enums, unions',
  isForApollo: true,
  subgraphs: {
    films: `${linkAll()}
      scalar Instant
      scalar Any
      type Query {
        films(after: Instant, tags: [Any]): [Film] @tag(name: "public")
        hidden: Film @inaccessible
        showing(in: [Hall!], at: Instant = "noon"): [Show!]
        raw(any: Any): Any
      }
      enum Hall { BIG SMALL SECRET @inaccessible }
      type Film @key(fields: "id") @tag(name: "film") {
        id: ID!
        title: String
        budget: Int @inaccessible
        made: Instant
        extra: Any
        cast: [Role]
        rated: [Rating!]
      }
      type Role { name: String  actor: Actor  note: Any @inaccessible }
      type Actor @key(fields: "id") { id: ID!  name: String }
      type Show { film: Film!  hall: Hall  starts: Instant!  seats: [[Int]] }
      enum Rating { ALL ADULT }
    `,
    fans: `${linkAll()}
      scalar Any
      scalar Instant
      type Query { fans: [Fan]  anything: [Thing] }
      type Fan @key(fields: "id") { id: ID!  loves: [Thing!]  joined: Instant  secret: String @inaccessible }
      union Thing = Film | Actor | Fan
      type Film @key(fields: "id") { id: ID!  fans(limit: Int = 2): [Fan!]  score: Any  internal: Vault @inaccessible }
      type Actor @key(fields: "id") { id: ID!  fans: [Fan]  birthday: Instant }
      type Vault @inaccessible { key: String }
    `,
  },
}
