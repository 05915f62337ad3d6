import type { Viewer } from '#kernel/auth/viewer.ts'
import type { Federation } from '../differential/federation.ts'
import { linkAll } from '../federated-world.ts'

const holds =
  (policy: string) =>
  ({ viewer }: { viewer: Viewer }) =>
    viewer.scopes.includes(`policy:${policy}`)

/** Rights on fields, objects, interfaces' implementers, enums and scalars. */
export const clinic: Federation = {
  name: 'clinic',
  about:
    '`@authenticated`, `@requiresScopes`, `@policy`, also on types, enums and scalars; subscriptions',
  isForApollo: true,
  policies: { boss: holds('boss'), night: holds('night'), lab: holds('lab') },
  subgraphs: {
    ward: `${linkAll()}
      scalar Secret @requiresScopes(scopes: [["secret:read"]])
      type Query {
        patients(urgent: Boolean): [Patient!]!
        patient(id: ID!): Patient @authenticated
        staff: [Person]
        rooms: [[Room]]
        everyone: [Being!]
        code: Secret
        mood: Mood
        open: String!
        must: Int! @requiresScopes(scopes: [["must:read"]])
      }
      type Mutation { admit(name: String!): Patient @requiresScopes(scopes: [["ward:write"]])  wave: Int }
      type Subscription { alarms(room: Int): Alarm @authenticated  news: String  arrivals: Patient }
      enum Mood @authenticated { CALM BUSY }
      interface Person { id: ID!  name: String  pay: Int }
      type Patient implements Person @key(fields: "id") {
        id: ID!
        name: String
        pay: Int @requiresScopes(scopes: [["money:read"]])
        history: [Entry!] @requiresScopes(scopes: [["history:read", "patients:read"], ["all:read"]])
        room: Room
        weight: Float! @authenticated
      }
      type Doctor implements Person @key(fields: "id") @requiresScopes(scopes: [["staff:read"]]) {
        id: ID!  name: String  pay: Int @policy(policies: [["boss"]])  patients: [Patient]
      }
      type Nurse implements Person @key(fields: "id") { id: ID!  name: String  pay: Int  shift: Mood }
      union Being = Patient | Nurse | Room
      type Room @key(fields: "number") { number: String!  beds: Int  inside: [Person!]  lock: Secret }
      type Entry @authenticated { text: String  secret: Secret  by: Doctor }
      type Alarm { room: Room  level: Int!  who: Person }
    `,
    lab: `${linkAll()}
      type Query { samples: [Sample] @policy(policies: [["lab"], ["boss", "night"]]) }
      type Sample @key(fields: "id") { id: ID!  result: String @requiresScopes(scopes: [["lab:read"]])  of: Patient  kin: [Sample!] }
      type Patient @key(fields: "id") { id: ID!  samples(limit: Int = 2): [Sample!]  blood: String @authenticated }
      type Room @key(fields: "number") { number: String!  fridge: [Sample] }
    `,
  },
}
