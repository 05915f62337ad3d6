import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { loadSupergraph } from '#gateway/engine/load-supergraph.ts'
import { patientPlanning, plannerProcesses } from '../../kit/planner-processes.ts'
import {
  anonymous,
  ask,
  federatedWorld,
  type Loaded,
  linkAll,
  loadWorld,
  operationOf,
  type SubgraphSource,
  silentLog,
  type World,
} from './federated-world.ts'
import { createFollowers } from './follow.ts'

type Named = { id: string }
type Told = { in?: string | null }

const SHOPS = [
  { id: 's1', goods: ['g1', 'g2'] },
  { id: 's2', goods: ['g1'] },
  { id: 's3', goods: ['g2', 'g1', 'g2'] },
  { id: 's4', goods: ['g1'] },
]
const CURRENCIES: Record<string, string | null> = { s1: 'EUR', s2: 'GBP', s3: 'EUR', s4: null }

/** Goods are told in which currency the place trades that they stand in. */
const bazaar: Record<string, SubgraphSource> = {
  goods: {
    sdl: `${linkAll()}
      type Query { shops: [Shop!]!  streets: [[Street]]  places: [Place] }
      type Subscription { opened: Shop }
      union Place = Shop | Street
      type Shop @key(fields: "id") @context(name: "trade") {
        id: ID!  currency: String @external  sign: String  goods: [Good]  best: Good
      }
      type Street @key(fields: "id") @context(name: "trade") { id: ID!  owner: Owner  good: Good  rows: [[Good]]  stand: Stand }
      type Stand @key(fields: "id") { id: ID! }
      type Owner { rate: String }
      type Good @key(fields: "id") {
        id: ID!
        price(in: String @fromContext(field: "$trade ... on Shop { currency } ... on Street { owner { rate } }"), times: Int = 1): String
        part: Part
      }
      type Part @key(fields: "id") {
        id: ID!
        tax(in: String @fromContext(field: "$trade ... on Shop { currency } ... on Street { owner { rate } }")): String
      }
    `,
    resolvers: {
      Query: {
        shops: () => SHOPS,
        streets: () => [[{ id: 'r1' }, null], null, [{ id: 'r2' }]],
        places: () => [
          { __typename: 'Shop', ...SHOPS[1] },
          { __typename: 'Street', id: 'r1' },
        ],
      },
      Shop: {
        sign: ({ id }: Named) => `sign of ${id}`,
        goods: ({ goods }: { goods: string[] }) => goods.map((id) => ({ id })),
        best: () => ({ id: 'g1' }),
      },
      Street: {
        owner: ({ id }: Named) => (id === 'r2' ? null : { rate: 'SEK' }),
        good: () => ({ id: 'g3' }),
        stand: () => ({ id: 'stand' }),
        rows: () => [[{ id: 'g1' }], null, [null, { id: 'g1' }]],
      },
      Good: {
        __resolveReference: ({ id }: Named) => ({ id }),
        price: ({ id }: Named, told: Told & { times: number }) => {
          if (id === 'g2' && told.in === 'GBP') throw new Error('no price')
          return `${told.times} x ${id} in ${String(told.in)}`
        },
        part: ({ id }: Named) => ({ id: `part-${id}` }),
      },
      Part: {
        __resolveReference: ({ id }: Named) => ({ id }),
        tax: ({ id }: Named, told: Told) => `${id} in ${String(told.in)}`,
      },
      Subscription: {
        opened: {
          subscribe: async function* () {
            yield { opened: SHOPS[0] }
          },
        },
      },
    },
  },
  money: {
    sdl: `${linkAll()}
      type Query { rates: [Int] }
      type Shop @key(fields: "id") { id: ID!  currency: String }
      type Stand @key(fields: "id") { id: ID!  kept: [Good] }
      type Good @key(fields: "id", resolvable: false) { id: ID! }
    `,
    resolvers: {
      Stand: {
        __resolveReference: ({ id }: Named) => ({ id }),
        kept: () => [{ id: 'g1' }, null],
      },
      Shop: {
        __resolveReference: ({ id }: Named) => ({ id }),
        currency: ({ id }: Named) => CURRENCIES[id],
      },
    },
  },
}

let world: World
let loaded: Loaded

beforeAll(async () => {
  world = federatedWorld(bazaar)
  loaded = await loadWorld(world)
})

beforeEach(() => {
  world.calls.length = 0
})

const answer = async (query: string, variables = {}) => {
  const { data, errors } = await ask(loaded, { query, variables })
  expect(errors).toBeUndefined()
  return data
}

describe('arguments from further up', () => {
  test('each thing is told of the place that it stands in', async () => {
    expect(await answer('{ shops { id goods { price } } }')).toEqual({
      shops: [
        { id: 's1', goods: [{ price: '1 x g1 in EUR' }, { price: '1 x g2 in EUR' }] },
        { id: 's2', goods: [{ price: '1 x g1 in GBP' }] },
        {
          id: 's3',
          goods: [
            { price: '1 x g2 in EUR' },
            { price: '1 x g1 in EUR' },
            { price: '1 x g2 in EUR' },
          ],
        },
        { id: 's4', goods: [{ price: '1 x g1 in null' }] },
      ],
    })
  })

  test('all of them travel in one request, each thing once for each place that differs', async () => {
    await answer('{ shops { goods { price } } }')
    const { query, variables } = world.calls.at(-1) ?? { query: '', variables: {} }
    expect(world.calls.map(({ subgraph }) => subgraph)).toEqual(['goods', 'money', 'goods'])
    expect(query.match(/_\d:_entities/g)).toHaveLength(3)
    expect(Object.values(variables).filter(Array.isArray)).toEqual([
      [
        { __typename: 'Good', id: 'g1' },
        { __typename: 'Good', id: 'g2' },
      ],
      [{ __typename: 'Good', id: 'g1' }],
      [{ __typename: 'Good', id: 'g1' }],
    ])
  })

  test('places that say the same are asked for as if there were no others', async () => {
    await answer('{ streets { good { price } } }')
    const { query, variables } = world.calls.at(-1) ?? { query: '', variables: {} }
    expect(query).toMatch(/_entities/)
    expect(Object.keys(variables).filter((name) => name.startsWith('contextual'))).toHaveLength(2)
    world.calls.length = 0
    await answer('{ places { ... on Street { good { price } } } }')
    expect(world.calls.at(-1)?.query).not.toContain('_0:_entities')
  })

  test('through levels, lists of lists, unions, nulls and things without a place', async () => {
    expect(
      await answer(`{
        streets { good { price part { tax } } rows { price } }
        places { ... on Shop { best { part { tax } } } ... on Street { good { price } } }
      }`),
    ).toEqual({
      streets: [
        [
          {
            good: { price: '1 x g3 in SEK', part: { tax: 'part-g3 in SEK' } },
            rows: [[{ price: '1 x g1 in SEK' }], null, [null, { price: '1 x g1 in SEK' }]],
          },
          null,
        ],
        null,
        [
          {
            good: { price: '1 x g3 in null', part: { tax: 'part-g3 in null' } },
            rows: [[{ price: '1 x g1 in null' }], null, [null, { price: '1 x g1 in null' }]],
          },
        ],
      ],
      places: [{ best: { part: { tax: 'part-g1 in GBP' } } }, { good: { price: '1 x g3 in SEK' } }],
    })
  })

  test('one thing in two places is told of each, and answers in each by itself', async () => {
    const { streets } = (await answer('{ streets { stand { kept { id price } } } }')) ?? {}
    const standIn = (price: string) => ({ stand: { kept: [{ id: 'g1', price }, null] } })
    expect(streets).toEqual([[standIn('1 x g1 in SEK'), null], null, [standIn('1 x g1 in null')]])
    expect(world.calls.map(({ subgraph }) => subgraph)).toEqual(['goods', 'money', 'goods'])
    expect(world.calls[1]?.variables).toEqual({
      representations: [{ __typename: 'Stand', id: 'stand' }],
    })
  })

  test('aliases, other arguments, variables and fragments keep their own', async () => {
    const query = `query ($times: Int, $contextualArgument_1_0_0: Int) {
      shops { best { ...P } goods { ...P } }
    }
    fragment P on Good { a: price b: price(times: $times) c: price(times: $contextualArgument_1_0_0) }`
    const data = await answer(query, { times: 3, contextualArgument_1_0_0: 7 })
    expect(data).toMatchObject({
      shops: [
        { best: { a: '1 x g1 in EUR', b: '3 x g1 in EUR', c: '7 x g1 in EUR' } },
        { best: { a: '1 x g1 in GBP', b: '3 x g1 in GBP', c: '7 x g1 in GBP' } },
        {},
        { best: { a: '1 x g1 in null' } },
      ],
    })
  })

  test('events of a subscription are completed in their own context', async () => {
    const events = await createFollowers(loaded).follow({
      query: 'subscription { opened { goods { price } } }',
      streamSubgraph: world.streamSubgraph,
    })
    const { value } = await events.next()
    expect(JSON.parse(JSON.stringify(value))).toEqual({
      data: { opened: { goods: [{ price: '1 x g1 in EUR' }, { price: '1 x g2 in EUR' }] } },
    })
    await events.return(undefined)
  })
})

test('what is deferred with such arguments comes in one piece', async () => {
  const query = '{ shops { id ... @defer { currency goods { price } } } }'
  const operation = loaded.authorise(operationOf(query), anonymous)
  const answer = await loaded.deliver?.(operation, {
    ...{ variables: {}, format: 'v0.2', ...loaded.reached },
  })
  const { data } = await ask(loaded, { query: query.replace(' @defer', '') })
  expect(JSON.parse(JSON.stringify(answer))).toEqual({ data })
})

describe('what goes wrong', () => {
  test('an error stands at every place that it is about, and nowhere else', async () => {
    CURRENCIES.s3 = 'GBP'
    try {
      const { data, errors } = await ask(loaded, { query: '{ shops { goods { price } } }' })
      expect(errors?.map(({ path }) => path)).toEqual([
        ['shops', 2, 'goods', 0, 'price'],
        ['shops', 2, 'goods', 2, 'price'],
      ])
      expect(data?.shops).toMatchObject([
        { goods: [{ price: '1 x g1 in EUR' }, { price: '1 x g2 in EUR' }] },
        {},
        { goods: [{ price: null }, { price: '1 x g1 in GBP' }, { price: null }] },
        {},
      ])
    } finally {
      CURRENCIES.s3 = 'EUR'
    }
  })

  test('what is not known is not asked with: no answer rather than a wrong one', async () => {
    const { fetchSubgraph } = world
    const failing: typeof fetchSubgraph = (subgraph, request, signal) =>
      subgraph === 'money'
        ? Promise.reject(new Error('gone'))
        : fetchSubgraph(subgraph, request, signal)
    const reached = { ...loaded.reached, fetchSubgraph: failing }
    const query = '{ shops { best { price } } places { ... on Street { good { price } } } }'
    const { data, errors } = await ask({ ...loaded, reached }, { query })
    expect(data?.shops).toEqual(SHOPS.map(() => ({ best: { price: null } })))
    expect(data?.places).toMatchObject([{}, { good: { price: '1 x g3 in SEK' } }])
    expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['SUBGRAPH_UNREACHABLE'])
  })

  test('a client cannot say in the place of what stands further up', async () => {
    for (const query of [
      '{ shops { currency: sign best { price } } }',
      '{ streets { owner: id good { price } } }',
    ])
      await expect(ask(loaded, { query })).rejects.toMatchObject({ code: 'RESPONSE_KEY_RESERVED' })
  })

  test('the argument is no argument for clients', async () => {
    await expect(ask(loaded, { query: '{ shops { best { price(in: "USD") } } }' })).rejects.toThrow(
      'Unknown argument',
    )
  })

  test('a variable that is called as plans call such an argument does not become it', async () => {
    const query =
      'query ($contextualArgument_1_0: Int) { shops { best { price(times: $contextualArgument_1_0) } } }'
    const { data, errors } = await ask(loaded, { query, variables: { contextualArgument_1_0: 5 } })
    expect(errors?.[0]?.message).toContain('of type "Int" used in position expecting type "String"')
    expect(data?.shops).toEqual(SHOPS.map(() => ({ best: { price: null } })))
    const told = Object.entries(world.calls.at(-1)?.variables ?? {})
    expect(
      told.filter(([name]) => name.startsWith('contextual')).map(([, value]) => value),
    ).toEqual(['EUR', 'GBP', null])
  })
})

test('by Apollo’s executor such a supergraph is refused, with the reason', async () => {
  const load = (executor: 'apollo' | 'engine') =>
    loadSupergraph(world.sdl, {
      buildDataSource: world.buildDataSource,
      ...{ enforcer: { policies: {} }, executor, log: silentLog },
      ...{ processes: plannerProcesses, planning: patientPlanning },
    })
  await expect(load('apollo')).rejects.toMatchObject({
    code: 'SUPERGRAPH_INVALID',
    extensions: { reason: expect.stringContaining('@context') },
  })
  const ours = await load('engine')
  expect(ours.apiSchema.getType('Good')).toBeDefined()
  await ours.dispose()
})
