import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  anonymous,
  ask,
  federatedWorld,
  type Loaded,
  loadWorld,
  operationOf,
  type World,
} from './federated-world.ts'
import { market } from './market.ts'

let world: World
let loaded: Loaded

beforeAll(async () => {
  world = federatedWorld(market)
  loaded = await loadWorld(world)
})

beforeEach(() => {
  world.calls.length = 0
})

describe('several operations in one document', () => {
  const text = `
    query Other($unit: String, $with: Boolean!) { book(id: "b1") { ...B price @include(if: $with) } }
    query Asked($id: ID!) { book(id: $id) { ...A } }
    fragment A on Book { title ...C }
    fragment B on Book { weight(unit: $unit) ...C }
    fragment C on Book { id }
  `

  test('one is planned without the fragments and variables of its neighbours', async () => {
    const filtered = loaded.authorise(operationOf(text, 'Asked'), anonymous)
    expect(filtered.text).not.toMatch(/Other|fragment B|\$unit/)
    const { data, errors } = await loaded.executor(filtered, {
      variables: { id: 'b1' },
      ...loaded.reached,
    })
    expect(errors).toBeUndefined()
    expect(data).toEqual({ book: { title: 'title b1', id: 'b1' } })
  })

  test('the same operation beside others has the same plan', () => {
    const alone = text.replace(/query Other.*\n/, '').replace(/fragment B.*\n/, '')
    const [beside, byItself] = [text, alone].map((document) =>
      loaded.authorise(operationOf(document, 'Asked'), anonymous),
    )
    expect(beside?.documentHash).toBe(byItself?.documentHash)
  })
})

describe('a field that needs what another subgraph knows, under a condition that does not hold', () => {
  test.each([
    'query ($on: Boolean!) { book(id: "b1") { price postage @include(if: $on) } }',
    'query ($on: Boolean!) { book(id: "b1") { price postage @include(if: $on) w: weight @skip(if: $on) } }',
    '{ book(id: "b1") { price postage @include(if: false) } }',
  ])('does not take its neighbours with it: %s', async (query) => {
    const { data, errors } = await ask(loaded, { query, variables: { on: false } })
    expect(errors).toBeUndefined()
    expect(data?.book).toMatchObject({ price: 10 })
  })

  test('is answered where the condition holds, by a plan of its own', async () => {
    const query = 'query ($on: Boolean!) { book(id: "b1") { price postage @include(if: $on) } }'
    for (const on of [true, false, true]) await ask(loaded, { query, variables: { on } })
    const { data } = await ask(loaded, { query, variables: { on: true } })
    expect(data).toEqual({ book: { price: 10, postage: 200 } })
    const planned = loaded.authorise(operationOf(query), anonymous)
    expect(loaded.plans.known(planned)).toBeNull()
    expect(loaded.plans.known(loaded.plans.settle(planned, { on: true }))).not.toBeNull()
  })

  test('operations without such a field have one plan for all values', () => {
    const query = 'query ($on: Boolean!) { book(id: "b1") { price title @include(if: $on) } }'
    const planned = loaded.authorise(operationOf(query), anonymous)
    expect(loaded.plans.settle(planned, { on: true })).toBe(planned)
  })

  test('nothing is fetched of an operation of which nothing is left', async () => {
    const query = 'query ($on: Boolean!) { book(id: "b1") @include(if: $on) { postage } }'
    const { data, errors } = await ask(loaded, { query, variables: { on: false } })
    expect({ data, errors }).toEqual({ data: {}, errors: undefined })
    expect(world.calls).toEqual([])
  })
})

describe('objects of which nothing is asked under the conditions of a request', () => {
  test.each([
    ['by a variable', 'query ($on: Boolean!) { book(id: "b1") { title @include(if: $on) } }'],
    ['in so many words', '{ book(id: "b1") { title @include(if: false) } }'],
    [
      'in a fragment',
      'query ($on: Boolean!) { book(id: "b1") { ... on Item @include(if: $on) { title } price @skip(if: true) } }',
    ],
  ])('are answered empty, not null: %s', async (_how, query) => {
    const { data, errors } = await ask(loaded, { query, variables: { on: false } })
    expect(errors).toBeUndefined()
    expect(data).toEqual({ book: {} })
  })

  test('also where another subgraph knows of them, and null where there is nothing', async () => {
    const query =
      'query ($on: Boolean!) { book(id: "b1") { seller { name @include(if: $on) } } shelf { title @include(if: $on) } }'
    const { data, errors } = await ask(loaded, { query, variables: { on: false } })
    expect(errors).toBeUndefined()
    expect(data).toEqual({ book: { seller: {} }, shelf: [[{}, null], null, [{}]] })
  })
})
