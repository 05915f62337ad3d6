import type { Federation } from '../differential/federation.ts'
import { linkAll } from '../federated-world.ts'

/** Types without a key that several subgraphs share, nested lists, and nulls that climb. */
export const atlas: Federation = {
  name: 'atlas',
  about: 'value types of several subgraphs, lists of lists, non-null fields, roots that are shared',
  isForApollo: true,
  subgraphs: {
    north: `${linkAll()}
      type Query { world: World @shareable  land(code: ID!): Land  lands: [[[Land!]!]]!  place: Spot }
      type World { name: String @shareable  poles: [Spot!]! @shareable  seas: [Sea] }
      type Spot @shareable { x: Float!  y: Float!  near: Spot }
      type Sea { name: String!  depth: Int!  coasts: [[Land]!] }
      type Land @key(fields: "code") { code: ID!  name: String!  capital: City!  twin: Land  cities(min: Int): [City!]! }
      type City @key(fields: "code land { code }") { code: ID!  land: Land!  name: String  at: Spot! }
    `,
    south: `${linkAll()}
      type Query { world: World @shareable  cities: [City]! }
      type World { name: String @shareable  poles: [Spot!]! @shareable  age: Int }
      type Spot @shareable { x: Float!  y: Float!  near: Spot }
      type Land @key(fields: "code") { code: ID!  people: Int!  flag: Flag  borders: [Land!]! }
      type Flag { colours: [Colour!]!  sign: Sign }
      enum Colour { RED GREEN BLUE }
      interface Sign { size: Int! }
      interface Big implements Sign { size: Int!  by: City }
      type Star implements Sign & Big { size: Int!  by: City  points: Int }
      type Moon implements Sign { size: Int!  full: Boolean }
      type City @key(fields: "code land { code }") { code: ID!  land: Land!  mayor: String!  sisters: [[City]] }
    `,
  },
}
