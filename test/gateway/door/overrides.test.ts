import { describe, expect, test } from 'vitest'
import { startStandaloneWorld } from '../../kit/gateway.ts'

const CAR = { id: '1', price: 1, colour: 'old red' }

const subgraphs = [
  {
    name: 'old',
    typeDefs: `
      type Query { car: Car }
      type Car @key(fields: "id") { id: ID! price: Int colour: String }`,
    resolvers: { Query: { car: () => CAR }, Car: { __resolveReference: () => CAR } },
  },
  {
    name: 'fresh',
    typeDefs: `
      type Query { fresh: Int }
      type Car @key(fields: "id") {
        id: ID!
        price: Int @federation__override(from: "old", label: "percent(20)")
        colour: String @federation__override(from: "old", label: "new-colours")
      }`,
    resolvers: {
      Query: { fresh: () => 1 },
      Car: { __resolveReference: () => ({ id: '1', price: 2, colour: 'fresh red' }) },
    },
  },
]

async function answered(overrideLabels: string[]) {
  await using world = await startStandaloneWorld({
    subgraphs,
    settings: { planning: { overrideLabels } },
  })
  const { body } = await world.ask('{ car { price colour } }')
  return body.data?.car
}

describe('fields that move to another subgraph by degrees', () => {
  test.each([
    [[], { price: 1, colour: 'old red' }],
    [['new-colours'], { price: 1, colour: 'fresh red' }],
    [['percent(20)'], { price: 2, colour: 'old red' }],
    [['percent(20)', 'new-colours', 'unknown'], { price: 2, colour: 'fresh red' }],
  ])('are answered by the new one where their label is on: %j', async (labels, car) => {
    expect(await answered(labels)).toEqual(car)
  })
})
