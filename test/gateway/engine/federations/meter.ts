import type { Federation } from '../differential/federation.ts'
import { linkAll } from '../federated-world.ts'

const COMPOSED = `
  extend schema @link(url: "https://example.com/marks/v1.0", import: ["@mark"]) @composeDirective(name: "@mark")
  directive @mark(as: String!) on FIELD_DEFINITION | OBJECT
`

/** Directives that speak of cost, or that a platform composes itself. */
export const meter: Federation = {
  name: 'meter',
  about: '`@cost`, `@listSize`, `@composeDirective`, `@tag`, `@deprecated` arguments',
  isForApollo: true,
  subgraphs: {
    readings: `${linkAll()} ${COMPOSED}
      type Query {
        meters(first: Int @cost(weight: 2), old: Int @deprecated(reason: "use first")): [Meter] @listSize(slicingArguments: ["first"], requireOneSlicingArgument: false)
        meter(id: ID!): Meter @cost(weight: 5)
        page(first: Int = 2): Page @listSize(slicingArguments: ["first"], sizedFields: ["nodes"])
      }
      type Meter @key(fields: "id") @mark(as: "meter") {
        id: ID!
        value: Float @cost(weight: 3)
        readings: [Reading!]! @listSize(assumedSize: 10)
        kind: Kind @mark(as: "kind")
      }
      type Page { nodes: [Meter]  total: Int }
      type Reading @cost(weight: 2) { at: String  value: Float  meter: Meter }
      enum Kind @cost(weight: 1) { GAS WATER }
    `,
    billing: `${linkAll()} ${COMPOSED}
      type Query { bills(filter: BillFilter): [Bill!] @listSize(assumedSize: 3) }
      input BillFilter { paid: Boolean @cost(weight: 1)  kinds: [Kind!] }
      enum Kind { GAS WATER }
      type Bill { id: ID!  amount: Int!  meter: Meter  lines: [[Line]] }
      type Line @shareable { text: String  cents: Int @tag(name: "money") }
      type Meter @key(fields: "id") { id: ID!  bills(paid: Boolean = true): [Bill] @mark(as: "bills")  owed: Int }
    `,
  },
}
