import { beforeAll, describe, expect, test } from 'vitest'
import type { FetchSubgraph } from '#gateway/engine/execute-plan.ts'
import {
  type DeliveryFormat,
  type IncrementalResult,
  isIncremental,
} from '#gateway/engine/incremental/incremental-result.ts'
import { besideIn } from '#gateway/engine/incremental/run-deferred.ts'
import { gatewayError } from '#gateway/errors.ts'
import { zoo } from '../access/zoo.ts'
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

type Question = {
  query: string
  variables?: Record<string, unknown>
  format?: DeliveryFormat
  fetchSubgraph?: FetchSubgraph
  signal?: AbortSignal
  from?: Loaded
}

async function deliver({
  query,
  variables = {},
  format = 'v0.2',
  from = loaded,
  ...ways
}: Question) {
  const operation = from.authorise(operationOf(query), anonymous)
  const answer = await from.deliver?.(operation, { variables, format, ...from.reached, ...ways })
  if (!answer) throw new Error('no executor for parts')
  return answer
}

async function partsOf(question: Question): Promise<IncrementalResult[]> {
  const answer = await deliver(question)
  if (!isIncremental(answer)) throw new Error('an answer in one piece')
  return JSON.parse(JSON.stringify(await Array.fromAsync(answer))) as IncrementalResult[]
}

async function wholeOf(question: Question) {
  const answer = await deliver(question)
  if (isIncremental(answer)) throw new Error('an answer in parts')
  return JSON.parse(JSON.stringify(answer)) as typeof answer
}

const failing =
  (subgraph: string): FetchSubgraph =>
  (name, request, signal) =>
    name === subgraph
      ? Promise.reject(gatewayError('SUBGRAPH_TIMEOUT', { subgraph }))
      : world.fetchSubgraph(name, request, signal)

describe('format v0.2', () => {
  test('delivers each field once, at the deepest announced place', async () => {
    const query = `{
      book(id: "b1") { title seller { id } ... @defer(label: "more") { title price seller { name } } }
    }`
    expect(await partsOf({ query })).toEqual([
      {
        data: { book: { title: 'title b1', seller: { id: 's1' } } },
        pending: [{ id: '0', path: ['book'], label: 'more' }],
        hasNext: true,
      },
      {
        incremental: [
          { id: '0', data: { price: 10 } },
          { id: '0', subPath: ['seller'], data: { name: 'seller s1' } },
        ],
        completed: [{ id: '0' }],
        hasNext: false,
      },
    ])
  })

  test('delivers what two fragments share with the first of them', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const query = `{
      book(id: "b1") { ... @defer(label: "quick") { price } ... @defer(label: "slow") { price stars } }
    }`
    const answer = await deliver({
      query,
      fetchSubgraph: async (...call) => {
        if (call[0] === 'reviews') await held
        return world.fetchSubgraph(...call)
      },
    })
    if (!isIncremental(answer)) throw new Error('in one piece')
    await answer.next()
    const quick = await answer.next()
    expect(quick.value).toMatchObject({
      incremental: [{ id: '0', data: { price: 10 } }],
      completed: [{ id: '0' }],
      hasNext: true,
    })
    release()
    const slow = await answer.next()
    expect(slow.value).toMatchObject({
      incremental: [{ id: '1', data: { stars: 3 } }],
      completed: [{ id: '1' }],
      hasNext: false,
    })
    expect(slow.value).not.toHaveProperty('incremental[0].data.price')
  })

  test('announces nested fragments when the one around them came', async () => {
    const query = `{ items { ... on Book @defer(label: "a") { price seller { id ... @defer(label: "b") { name } } } } }`
    const [first, second, third] = await partsOf({ query })
    expect(first?.pending?.map(({ path }) => path.join('.'))).toEqual([
      'items.0',
      'items.1',
      'items.2',
      'items.4',
    ])
    expect(second?.pending).toEqual(
      [0, 1, 2, 4].map((index, at) => ({
        id: String(at + 4),
        path: ['items', index, 'seller'],
        label: 'b',
      })),
    )
    expect(third?.incremental).toHaveLength(4)
    expect(third?.incremental?.[0]).toEqual({ id: '4', data: { name: 'seller s1' } })
  })

  test('says that a part could not be made where a null takes all of it', async () => {
    const [, second] = await partsOf({ query: '{ weights { title ... @defer { needed } } }' })
    expect(second).toMatchObject({
      incremental: [{ id: '0' }, { id: '1' }],
      completed: [
        { id: '0' },
        { id: '1' },
        { id: '2', errors: [{ path: ['weights', 2, 'needed'] }] },
      ],
      hasNext: false,
    })
    expect(second?.completed?.[0]).not.toHaveProperty('errors')
  })
})

describe('format 20220824', () => {
  test('delivers each fragment whole, by place and label', async () => {
    const query = `{
      book(id: "b1") { title seller { id } ... @defer(label: "more") { title price seller { name } } }
    }`
    expect(await partsOf({ query, format: '20220824' })).toEqual([
      { data: { book: { title: 'title b1', seller: { id: 's1' } } }, hasNext: true },
      {
        incremental: [
          {
            path: ['book'],
            label: 'more',
            data: { title: 'title b1', price: 10, seller: { name: 'seller s1' } },
          },
        ],
        hasNext: false,
      },
    ])
  })

  test('says null with errors of a part that could not be made', async () => {
    const query = '{ weights { title ... @defer { needed } } }'
    const [, second] = await partsOf({ query, format: '20220824' })
    expect(second?.incremental?.[2]).toMatchObject({
      path: ['weights', 2],
      data: null,
      errors: [{ path: ['weights', 2, 'needed'] }],
    })
  })
})

describe('what is deferred', () => {
  test('goes by variables and literals', async () => {
    const query = `query ($late: Boolean = true) { book(id: "b1") { title ... @defer(if: $late) { price } } }`
    expect(await partsOf({ query })).toHaveLength(2)
    expect(await partsOf({ query, variables: { late: true } })).toHaveLength(2)
    const whole = { data: { book: { title: 'title b1', price: 10 } } }
    expect(await wholeOf({ query, variables: { late: false } })).toEqual(whole)
    const never = '{ book(id: "b1") { title ... @defer(if: false) { price } } }'
    expect(await wholeOf({ query: never })).toEqual(whole)
  })

  test('comes in one piece where it needs no fetch of its own', async () => {
    const yard = {
      sdl: 'type Query { yard: Yard } type Yard { size: Int gate: String }',
      resolvers: { Query: { yard: () => ({ size: 3, gate: 'open' }) } },
    }
    const from = await loadWorld(federatedWorld({ ...market, yard }))
    const query = '{ yard { size ... @defer { gate } } }'
    expect(await wholeOf({ query, from })).toEqual({ data: { yard: { size: 3, gate: 'open' } } })
  })

  test('comes in one piece where there is nothing that it would stand in', async () => {
    const query = '{ top { ... on Book { title ... @defer { price } } } }'
    expect(await wholeOf({ query })).toEqual({ data: { top: {} } })
  })

  test('is planned apart for each place of a named fragment', async () => {
    const query = `{ a: book(id: "b1") { ...More @defer(label: "x") } top { ...Other } b: book(id: "b3") { ...Rest } }
      fragment More on Book { price } fragment Rest on Book { title ...More @defer(label: "y") }
      fragment Other on Film { minutes }`
    const [first, second] = await partsOf({ query })
    expect(first?.data).toEqual({ a: {}, top: { minutes: 90 }, b: { title: 'title b3' } })
    expect(second?.incremental?.map(({ data }) => data)).toEqual([{ price: 10 }, { price: 30 }])
  })

  test('is left whole for whoever takes no parts, with the plan of the same question', async () => {
    const deferred = await ask(loaded, {
      query: '{ book(id: "b1") { title ... @defer { price } } }',
    })
    expect(deferred).toEqual({ data: { book: { title: 'title b1', price: 10 } } })
    const apollos = await loadWorld(world, { executor: 'apollo' })
    expect(apollos.deliver).toBeNull()
    const query = `query ($late: Boolean = true) { book(id: "b1") { title ... @defer(if: $late, label: "l") { price } } }`
    expect(await ask(apollos, { query })).toEqual(deferred)
  })

  test('may stand within a mutation', async () => {
    const [first, second] = await partsOf({
      query: 'mutation { buy { title ... @defer { price } } }',
      from: await loadWorld(
        federatedWorld({
          ...market,
          shop: {
            sdl: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
              type Mutation { buy: Book } type Book @key(fields: "id", resolvable: false) { id: ID! }`,
            resolvers: { Mutation: { buy: () => ({ id: 'b1' }) } },
          },
        }),
      ),
    })
    expect(first?.data).toEqual({ buy: { title: 'title b1' } })
    expect(second?.incremental).toEqual([{ id: '0', data: { price: 10 } }])
  })

  test('waits for all around it, also in a fragment that fetches nothing itself', async () => {
    const query = `{
      shelf { needed seller { ... @defer { id ... @defer(label: "deep") { name } __typename } } ... @defer { title } }
    }`
    const parts = await partsOf({
      query,
      fetchSubgraph: async (...call) => {
        await new Promise(setImmediate)
        return world.fetchSubgraph(...call)
      },
    })
    const names = parts
      .flatMap(({ incremental = [] }) => incremental)
      .flatMap(({ data }) => (data && 'name' in data ? [data.name] : []))
    expect(names).toEqual(['seller s1', 'seller s1'])
  })

  test('is bounded where fragments multiply', async () => {
    const levels = Array.from(
      { length: 20 },
      (_, index) => `fragment F${index} on Book { ...F${index + 1} ... { ...F${index + 1} } }`,
    )
    const query = `{ book(id: "b1") { ...F0 @defer } } ${levels.join('\n')} fragment F20 on Book { price }`
    await expect(deliver({ query })).rejects.toMatchObject({ code: 'MAX_HEIGHT_LIMIT' })
  })
})

describe('errors', () => {
  test('of a subgraph that fails in a deferred part stand in that part alone', async () => {
    const query = '{ items { title ... on Book @defer { price stars } } }'
    const parts = await partsOf({ query, fetchSubgraph: failing('prices') })
    const [first, second] = parts
    expect(first).not.toHaveProperty('errors')
    expect(second?.incremental?.[0]).toMatchObject({
      data: { price: null, stars: 3 },
      errors: [{ extensions: { code: 'SUBGRAPH_TIMEOUT', subgraph: 'prices' } }],
    })
    expect(second?.incremental?.slice(1).flatMap(({ errors = [] }) => errors)).toEqual([])
  })

  test('of the primary part are told with it, and what depends on it does not come', async () => {
    const query = '{ book(id: "b1") { title ... @defer { price } } }'
    const { data, errors } = await wholeOf({ query, fetchSubgraph: failing('catalogue') })
    expect(data).toEqual({ book: null })
    expect(errors?.[0]?.extensions?.code).toBe('SUBGRAPH_TIMEOUT')
  })

  test('a deferred fetch changes nothing that was answered, and says what was known by its interface', () => {
    const mergeBeside = besideIn(loaded.executionSchema)
    const items = { items: [{ __typename: 'Item' }, { __typename: 'Film' }] }
    mergeBeside(items, { items: [{ __typename: 'Book' }, { __typename: 'Item' }] })
    expect(items.items.map(({ __typename }) => __typename)).toEqual(['Book', 'Film'])
    const data = { a: { b: 1, c: null, list: [{ d: 1 }, null] } }
    mergeBeside(data, { a: { b: 2, c: 3, list: [{ e: 2 }, { e: 3 }], f: null } })
    expect(data).toEqual({ a: { b: 1, c: 3, list: [{ d: 1, e: 2 }, { e: 3 }], f: null } })
    mergeBeside(data, { a: null })
    expect(data.a).toMatchObject({ b: 1 })
    expect(() => mergeBeside(data, { a: { list: [] } })).toThrow(
      expect.objectContaining({ code: 'SUBGRAPH_ANSWER_INVALID' }),
    )
  })
})

describe('an answer that ends early', () => {
  const query = '{ book(id: "b1") { title ... @defer(label: "p") { price } } }'
  const hanging: FetchSubgraph = (name, request, signal) =>
    name === 'prices'
      ? new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason), { once: true })
        })
      : world.fetchSubgraph(name, request, signal)

  test.each([
    ['v0.2', { completed: [{ id: '0', errors: [{ extensions: { code: 'TOKEN_EXPIRED' } }] }] }],
    [
      '20220824',
      {
        incremental: [
          {
            path: ['book'],
            label: 'p',
            data: null,
            errors: [{ extensions: { code: 'TOKEN_EXPIRED' } }],
          },
        ],
      },
    ],
  ] as const)('with a code tells it of all that is pending: %s', async (format, last) => {
    const ending = new AbortController()
    const answer = await deliver({ query, format, fetchSubgraph: hanging, signal: ending.signal })
    if (!isIncremental(answer)) throw new Error('in one piece')
    await answer.next()
    const next = answer.next()
    ending.abort(gatewayError('TOKEN_EXPIRED'))
    expect((await next).value).toMatchObject({ ...last, hasNext: false })
    expect(await answer.next()).toEqual({ done: true, value: undefined })
  })

  test('because its client left says nothing more', async () => {
    const ending = new AbortController()
    const answer = await deliver({ query, fetchSubgraph: hanging, signal: ending.signal })
    if (!isIncremental(answer)) throw new Error('in one piece')
    await answer.next()
    const next = answer.next()
    ending.abort(new Error('gone'))
    expect(await next).toEqual({ done: true, value: undefined })
  })

  test('lets go of its fetches when nobody asks for the next part', async () => {
    let reason: unknown = null
    const fetchSubgraph: FetchSubgraph = (name, request, signal) => {
      signal.addEventListener('abort', () => {
        reason = signal.reason
      })
      return hanging(name, request, signal)
    }
    const answer = await deliver({ query, fetchSubgraph })
    if (!isIncremental(answer)) throw new Error('in one piece')
    await answer.next()
    await answer.return()
    expect(reason).not.toBeNull()
  })
})

describe('rights', () => {
  test.each(['v0.2', '20220824'] as const)(
    'refuse a field in one fragment and not another of it in the next: %s',
    async (format) => {
      const park = await loadWorld(federatedWorld(zoo))
      const query = `{
        ... @defer(label: "outer") { me { email } keepers { name } ... @defer(label: "inner") { me { name } } }
      }`
      const answer = await deliver({ query, from: park, format })
      if (!isIncremental(answer)) throw new Error('in one piece')
      const parts = (await Array.fromAsync(answer)).flatMap(({ incremental = [] }) => incremental)
      expect(parts.map(({ data }) => Object.keys(data ?? {}))).toEqual([['keepers'], ['me']])
      expect(parts[1]?.data?.me).toEqual({ email: null, name: 'name of k1' })
    },
  )

  test('hold in deferred parts, which tell of what they lack', async () => {
    const park = await loadWorld(federatedWorld(zoo))
    const whole = await ask(park, { query: '{ me { id email } }' })
    const query = '{ me { id ... @defer { email } } }'
    const answer = await deliver({ query, from: park })
    const parts = isIncremental(answer) ? await Array.fromAsync(answer) : [answer]
    expect(JSON.stringify(parts)).not.toContain('@zoo.example')
    const told = parts.flatMap(({ errors = [] }) => errors)
    expect(told.map(({ extensions }) => extensions.code)).toEqual(
      (whole.errors ?? []).map(({ extensions }) => extensions.code),
    )
  })
})
