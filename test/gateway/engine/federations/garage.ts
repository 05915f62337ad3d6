import type { Federation } from '../differential/federation.ts'
import { linkAll } from '../federated-world.ts'

/** Fields that move from one subgraph to another. */
export const garage: Federation = {
  name: 'garage',
  about: '`@override` (also progressive, with a label), `@deprecated`, several owners of one field',
  isForApollo: true,
  subgraphs: {
    old: `${linkAll()}
      type Query { cars: [Car]  car(plate: String!): Car  legacy: Owner @deprecated(reason: "ask for cars") }
      type Car @key(fields: "plate") {
        plate: String!
        colour: Colour
        price: Int
        owner: Owner
        wheels: [Wheel]
        power: Int
      }
      enum Colour { RED BLUE @deprecated(reason: "out of paint") NONE }
      type Owner @key(fields: "id") { id: ID!  name: String  cars: [Car!] }
      type Wheel @shareable { size: Int  tyre: String }
    `,
    fresh: `${linkAll()}
      type Query { newest: Car  auctions: [[Car!]!] }
      type Car @key(fields: "plate") {
        plate: String!
        colour: Colour @override(from: "old")
        price: Int @override(from: "old", label: "percent(50)")
        owner: Owner @override(from: "old")
        power: Int @override(from: "old", label: "percent(1)")
        next: Car
      }
      enum Colour { RED BLUE NONE }
      type Owner @key(fields: "id") { id: ID!  name: String @override(from: "old")  since: Int }
      type Wheel @shareable { size: Int  tyre: String }
    `,
    parts: `${linkAll()}
      type Query { wheels: [Wheel!] }
      type Car @key(fields: "plate") { plate: String!  spare(kind: String): Wheel  engine: Engine }
      type Wheel @shareable { size: Int  tyre: String }
      type Engine { fuel: String  cylinders: [Int!]!  fits: [Car] }
    `,
  },
}
