import type { Federation } from '../differential/federation.ts'
import { linkAll } from '../federated-world.ts'

/**
 * Fields that need what others know. All of them need the weight in the same unit: the planner asks
 * for required fields without an alias, so that two with other arguments make an invalid question.
 */
export const warehouse: Federation = {
  name: 'warehouse',
  about: '`@requires` (nested, with arguments, through fragments), `@provides`, `@external`',
  isForApollo: true,
  subgraphs: {
    goods: `${linkAll()}
      type Query { goods: [Good]  good(id: ID!): Good  boxes: [[Good!]] }
      type Good @key(fields: "id") {
        id: ID!
        name: String
        weight(unit: Unit = KG): Int
        size: Size
        parts: [Part]
        content: Content
        label: String @shareable
      }
      enum Unit { KG G LB }
      type Size { width: Int  height: Int  marks: [String] }
      type Part { name: String  spare: Good  depth: [Size] }
      union Content = Liquid | Powder
      type Liquid { litres: Float }
      type Powder { grains: Int }
    `,
    shipping: `${linkAll()}
      type Query { routes: [Route!] }
      type Good @key(fields: "id") {
        id: ID!
        weight(unit: Unit = KG): Int @external
        size: Size @external
        parts: [Part] @external
        content: Content @external
        postage(express: Boolean = false): Int @requires(fields: "weight(unit: G)")
        crate: String @requires(fields: "size { width height marks }")
        bundle: String @requires(fields: "parts { name depth { width } } weight(unit: G)")
        danger: Int @requires(fields: "content { ... on Liquid { litres } ... on Powder { grains } }")
        from: Port
      }
      enum Unit { KG G LB }
      type Size @external { width: Int  height: Int  marks: [String] }
      type Part @external { name: String  depth: [Size] }
      union Content = Liquid | Powder
      type Liquid @external { litres: Float }
      type Powder @external { grains: Int }
      type Route @key(fields: "id") {
        id: ID!
        ports: [Port!]!
        first: Port @provides(fields: "country { name }")
        carries: Good
      }
      type Port @key(fields: "id") { id: ID!  depth: Int  country: Country @external }
      type Country { name: String @external }
    `,
    places: `${linkAll()}
      type Query { ports: [Port] }
      type Port @key(fields: "id") { id: ID!  name: String  country: Country @shareable  goods: [Good!] }
      type Country { name: String @shareable  flag: String }
      type Good @key(fields: "id") { id: ID!  label: String @shareable }
    `,
    tax: `${linkAll()}
      type Good @key(fields: "id") {
        id: ID!
        postage(express: Boolean = false): Int @external
        duty: Float @requires(fields: "postage(express: true)")
        stamp: String! @requires(fields: "name")
        name: String @external
      }
    `,
  },
}
