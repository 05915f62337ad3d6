import { getVariableValues } from 'graphql'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { executePlan, type FetchSubgraph } from '#gateway/engine/execute-plan.ts'
import { shapeResult } from '#gateway/engine/shape-result.ts'
import { gatewayError } from '#gateway/errors.ts'
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

type Question = {
  query: string
  variables?: Record<string, unknown>
  fetchSubgraph?: FetchSubgraph
  signal?: AbortSignal
  report?: (failure: unknown) => void
}

/** Plans, interprets and shapes, as the live engine does for each event. */
async function interpret(question: Question) {
  const { query, variables: given = {}, fetchSubgraph = world.fetchSubgraph } = question
  const { signal = new AbortController().signal, report = () => undefined } = question
  const operation = loaded.authorise(operationOf(query), anonymous)
  const { node } = await loaded.plans.planOf(operation)
  if (node?.kind === 'Subscription') throw new Error('a subscription')
  const definitions = operation.operation.variableDefinitions ?? []
  const { coerced: variables = {} } = getVariableValues(loaded.apiSchema, definitions, given)
  const schema = loaded.executionSchema
  const { data, errors } = await executePlan({
    node,
    data: {},
    variables,
    schema,
    fetchSubgraph,
    signal,
    report,
  })
  const shaped = shapeResult({ operation, schema: loaded.apiSchema, variables, data, errors })
  return JSON.parse(JSON.stringify(shaped)) as typeof shaped
}

const subgraphsAsked = () => world.calls.map(({ subgraph }) => subgraph)

describe('the interpreter answers what Apollo answers', () => {
  test.each([
    ['entities in lists', '{ items { id title ... on Book { price seller { name } } } }'],
    ['lists of lists with holes', '{ shelf { title price } }'],
    ['unions', '{ top { __typename ... on Film { minutes price } ... on Book { title } } }'],
    ['required fields with arguments', '{ book(id: "b1") { postage w: weight } }'],
    ['interface objects', '{ items { stars } top { ... on Film { stars } } }'],
    ['entities within entities', '{ book(id: "b1") { seller { name books { title price } } } }'],
    [
      'aliases that cross',
      '{ a: book(id: "b1") { price: title title: price } b: top { kind: __typename } }',
    ],
    [
      'aliases of the prototype',
      '{ __proto__: book(id: "b1") { constructor: price toString: title } }',
    ],
    [
      'fragments',
      '{ items { ...A ... on Item { title } } } fragment A on Film { price ...B } fragment B on Film { minutes }',
    ],
    ['mutations in their order', 'mutation { first third second }'],
    ['introspection of the type', '{ __typename book(id: "b1") { __typename } }'],
  ])('%s', async (_name, query) => {
    expect(await interpret({ query })).toEqual(await ask(loaded, { query }))
  })

  test.each([true, false])('conditions with $with = %s', async (given) => {
    const query = `query ($with: Boolean! = true) {
      book(id: "b1") { title @skip(if: $with) price @include(if: $with) seller @include(if: $with) { name } }
    }`
    const variables = { with: given }
    expect(await interpret({ query, variables })).toEqual(await ask(loaded, { query, variables }))
    world.calls.length = 0
    await interpret({ query, variables })
    expect(subgraphsAsked().includes('prices')).toBe(given)
  })

  test('a default decides a condition that no variable was given for', async () => {
    const query =
      'query ($with: Boolean = false) { book(id: "b1") { title price @include(if: $with) } }'
    expect(await interpret({ query })).toEqual({ data: { book: { title: 'title b1' } } })
  })
})

describe('fetching', () => {
  test('asks for each entity once, however often it is needed', async () => {
    await interpret({ query: '{ items { ... on Book { price } } }' })
    const [, prices] = world.calls
    expect(prices?.variables.representations).toEqual([
      { __typename: 'Book', id: 'b1' },
      { __typename: 'Book', id: 'b2' },
      { __typename: 'Book', id: 'b3' },
    ])
  })

  test('runs independent fetches at once and mutations one after another', async () => {
    let open = 0
    let most = 0
    const counted: FetchSubgraph = async (...call) => {
      most = Math.max(most, ++open)
      await new Promise(setImmediate)
      open--
      return world.fetchSubgraph(...call)
    }
    const query = '{ book(id: "b1") { price stars } }'
    await interpret({ query, fetchSubgraph: counted })
    expect(most).toBe(2)
    most = 0
    await interpret({ query: 'mutation { first third second }', fetchSubgraph: counted })
    expect(most).toBe(1)
  })

  test('sends the variables that a fetch uses and no others', async () => {
    await interpret({
      query: 'query ($id: ID!, $unit: String) { book(id: $id) { weight(unit: $unit) price } }',
      variables: { id: 'b1', unit: 'g' },
    })
    expect(world.calls.map(({ variables }) => Object.keys(variables).sort())).toEqual([
      ['id', 'unit'],
      ['representations'],
    ])
  })
})

describe('errors', () => {
  test('of entities stand at each place of the answer that they concern', async () => {
    const { data, errors } = await interpret({ query: '{ items { ... on Book { price } } }' })
    expect(data).toEqual({
      items: [{ price: 10 }, { price: null }, { price: 30 }, {}, { price: 10 }],
    })
    expect(errors).toEqual([
      {
        message: 'no price for b2',
        path: ['items', 1, 'price'],
        extensions: { code: 'DOWNSTREAM_SERVICE_ERROR', serviceName: 'prices' },
      },
    ])
  })

  test('of root fields keep their path', async () => {
    const { errors } = await interpret({ query: '{ weights { broken } }' })
    expect(errors?.map(({ path }) => path)).toEqual([['weights', 1, 'broken']])
  })

  test('of a value that may not be null take the nearest parent that may', async () => {
    const query = '{ weights { title needed } }'
    const { data, errors } = await interpret({ query })
    expect(data).toEqual({
      weights: [{ title: 'title b1', needed: 1 }, { title: 'title b2', needed: 1 }, null],
    })
    expect(errors?.map(({ path }) => path)).toEqual([['weights', 2, 'needed']])
  })

  test('of a subgraph that cannot be reached leave out its part only', async () => {
    const reported: unknown[] = []
    const { data, errors } = await interpret({
      query: '{ book(id: "b1") { title price stars } }',
      fetchSubgraph: async (name, request, signal) => {
        if (name === 'prices') throw new Error('ECONNREFUSED 10.0.0.7')
        if (name === 'reviews') throw gatewayError('SUBGRAPH_TIMEOUT', { subgraph: name })
        return world.fetchSubgraph(name, request, signal)
      },
      report: (failure) => reported.push(failure),
    })
    expect(data).toEqual({ book: { title: 'title b1', price: null, stars: null } })
    expect(errors?.map(({ path, extensions }) => `${path} ${extensions?.code}`).sort()).toEqual([
      'book SUBGRAPH_TIMEOUT',
      'book SUBGRAPH_UNREACHABLE',
    ])
    expect(JSON.stringify(errors)).not.toContain('10.0.0.7')
    expect(reported).toHaveLength(1)
  })

  test.each([
    ['no entities', { data: {} }],
    ['too few entities', { data: { _entities: [] } }],
    ['entities that are no list', { data: { _entities: 'all' } }],
  ])('of an answer with %s are coded', async (_name, answer) => {
    const { data, errors } = await interpret({
      query: '{ book(id: "b1") { title price } }',
      fetchSubgraph: async (name, request, signal) =>
        name === 'prices' ? answer : world.fetchSubgraph(name, request, signal),
    })
    expect(data).toEqual({ book: { title: 'title b1', price: null } })
    expect(errors?.[0]?.extensions?.code).toBe('SUBGRAPH_ANSWER_INVALID')
  })

  test.each([
    ['an object', { book: 'a text' }],
    ['a list', { book: [] }],
    ['the right leaf', { book: { title: { deep: true } } }],
  ])('of data that is not %s where the schema says so are coded', async (_name, data) => {
    const { errors } = await interpret({
      query: '{ book(id: "b1") { title } }',
      fetchSubgraph: async () => ({ data: structuredClone(data) }),
    })
    expect(errors?.[0]?.extensions?.code).toBe('SUBGRAPH_VALUE_INVALID')
  })

  test('of half an answer are kept beside the half', async () => {
    const answer = { data: { book: { title: 'half' } }, errors: [{ message: 'the rest is lost' }] }
    const result = await interpret({
      query: '{ book(id: "b1") { title } }',
      fetchSubgraph: async () => structuredClone(answer),
    })
    expect(result.data).toEqual({ book: { title: 'half' } })
    expect(result.errors?.[0]?.message).toBe('the rest is lost')
  })
})

describe('interface objects', () => {
  test('leave an entity the type that it has elsewhere', async () => {
    // The plan asks the interface object for its type too, and hears the name of the interface.
    const query = '{ items { stars ... { kind: __typename __typename } ... on Film { minutes } } }'
    const { data } = await interpret({ query })
    const book = { stars: 3, kind: 'Book', __typename: 'Book' }
    const film = { stars: 5, kind: 'Film', __typename: 'Film', minutes: 90 }
    expect(data).toEqual({ items: [book, book, book, film, book] })
    const shelf = '{ shelf { stars ... { ... { __typename } } } }'
    const shelved = { stars: 3, __typename: 'Book' }
    expect((await interpret({ query: shelf })).data).toEqual({
      shelf: [[shelved, null], null, [shelved]],
    })
  })
})

describe('safety', () => {
  test('a hostile answer does not reach the prototype', async () => {
    const hostile =
      '{"book":{"__proto__":{"isAdmin":true},"title":"t","__typename":"Book","id":"b1"}}'
    const { data } = await interpret({
      query: '{ book(id: "b1") { title price } }',
      fetchSubgraph: async (name, request, signal) =>
        name === 'catalogue'
          ? { data: JSON.parse(hostile) }
          : world.fetchSubgraph(name, request, signal),
    })
    expect(data).toEqual({ book: { title: 't', price: 10 } })
    expect(({} as Record<string, unknown>).isAdmin).toBeUndefined()
  })

  test('an aborted execution ends with the reason', async () => {
    const reason = new Error('the client left')
    const controller = new AbortController()
    const running = interpret({
      query: '{ book(id: "b1") { title price } }',
      signal: controller.signal,
      fetchSubgraph: async (...call) => {
        controller.abort(reason)
        return world.fetchSubgraph(...call)
      },
    })
    await expect(running).rejects.toBe(reason)
    expect(subgraphsAsked()).toEqual(['catalogue'])
  })

  test('a thousand failing entities give a bounded number of errors', async () => {
    const many = Array.from({ length: 3000 }, (_, index) => ({
      __typename: 'Book',
      id: `x${index}`,
    }))
    const { errors } = await interpret({
      query: '{ weights { price } }',
      fetchSubgraph: async (name) =>
        name === 'catalogue'
          ? { data: { weights: structuredClone(many) } }
          : {
              data: { _entities: many.map(() => null) },
              errors: many.map((_, index) => ({ message: 'no', path: ['_entities', index] })),
            },
    })
    expect(errors).toHaveLength(1000)
  })
})

describe('plans', () => {
  test('are made once for equal questions, and refused with a code', async () => {
    const operation = () => loaded.authorise(operationOf('{ book(id: "b9") { title } }'), anonymous)
    const plan = await loaded.plans.planOf(operation())
    expect(loaded.plans.planOf(operation())).toBe(plan)
    const unplannable = { ...operation(), operationName: 'Nobody', documentHash: 'other' }
    await expect(loaded.plans.planOf(unplannable)).rejects.toThrow(
      expect.objectContaining({ code: 'OPERATION_NOT_PLANNABLE' }),
    )
  })
})
