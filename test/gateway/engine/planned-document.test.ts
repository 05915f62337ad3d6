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
