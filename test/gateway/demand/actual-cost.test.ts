import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { createMeter } from '#gateway/demand/metered-fetch.ts'
import { planCost } from '#gateway/demand/plan-cost.ts'
import type { JsonObject } from '#gateway/engine/own-properties.ts'
import { anonymous, operationOf } from '../engine/federated-world.ts'
import { costLink, costWorld } from './cost-world.ts'

/** What a test says of how long lists are in fact. */
const lengths = { top: 3, parts: 2, reviews: 1 }
const list = (count: number, item: (index: number) => JsonObject) =>
  Array.from({ length: count }, (_, index) => item(index))

const SHOPS = {
  products: {
    sdl: `${costLink()}
      type Query { top(first: Int, by: By): [Product] @listSize(assumedSize: 6, slicingArguments: ["first"], requireOneSlicingArgument: false) one: Product nobody: Product }
      type Mutation { make(name: String): Product }
      input By { name: String }
      type Product @key(fields: "id") { id: ID! name: String price: Int @cost(weight: 3) parts: [Product!]! @listSize(assumedSize: 4) maker: Maker }
      type Maker { name: String home: Country }
      type Country @cost(weight: 5) { name: String }
    `,
    resolvers: {
      Query: {
        top: (_root: unknown, { first }: { first?: number }) =>
          list(Math.min(lengths.top, first ?? 6), (index) => ({ id: `${index}` })),
        one: () => ({ id: 'one' }),
        nobody: () => null,
      },
      Mutation: { make: () => ({ id: 'made' }) },
      Product: {
        name: () => 'n',
        price: () => 1,
        parts: ({ id }: { id: string }) =>
          list(lengths.parts, (index) => ({ id: `${id}.${index}` })),
        maker: () => ({ name: 'm', home: { name: 'h' } }),
      },
    },
  },
  reviews: {
    sdl: `${costLink()}
      type Product @key(fields: "id") { id: ID! reviews: [Review!]! @listSize(assumedSize: 2) stars: Int @cost(weight: 7) }
      type Review { text: String about: Product }
    `,
    resolvers: {
      Product: {
        __resolveReference: ({ id }: { id: string }) => ({ id }),
        stars: () => 5,
        reviews: ({ id }: { id: string }) =>
          list(lengths.reviews, () => ({ text: 't', about: { id } })),
      },
    },
  },
}

let shops: Awaited<ReturnType<typeof costWorld>>
beforeAll(async () => {
  shops = await costWorld(SHOPS)
})

/** What a query is estimated to cost, and what it cost when it was answered. */
async function both(query: string, given: { variables?: JsonObject; together?: boolean } = {}) {
  const { loaded, world } = shops
  const { variables = {}, together = false } = given
  const { cost, estimate, variables: coerced } = await shops.costOf(query, { variables })
  const meter = createMeter({
    cost,
    estimate,
    variables: coerced,
    bounds: null,
    refused: () => undefined,
  })
  const filtered = loaded.authorise(operationOf(query), anonymous)
  const { errors } = await loaded.executor(filtered, {
    ...{ ...loaded.reached, variables },
    ...(together ? { groupOf: () => '' } : {}),
    fetchSubgraph: meter.fetchWith(world.fetchSubgraph),
  })
  expect(errors).toBeUndefined()
  return { estimated: estimate.total, actual: meter.actual }
}

describe('what an answer cost is counted by what is in it', () => {
  test.each([
    ['objects of lists, by their number', '{ top { name } }', {}, 6, 3],
    ['a weight of a scalar, for each', '{ top { price } }', {}, 6 * 4, 3 * 4],
    ['lists within lists', '{ top { parts { name } } }', {}, 6 * (1 + 4), 3 * (1 + 2)],
    ['what is within objects', '{ one { maker { home { name } } } }', {}, 7, 7],
    ['null costs nothing', '{ nobody { name } }', {}, 1, 0],
    ['arguments cost what they cost', '{ top(by: { name: "a" }) { name } }', {}, 7, 4],
    ['a change is 10', 'mutation { make { name } }', {}, 11, 11],
    ['entities by their number', '{ top { stars } }', {}, 6 + 6 * 8, 3 + 3 * 8],
    [
      'what is skipped is not there',
      'query ($y: Boolean!) { one { name maker @skip(if: $y) { name } } }',
      { y: true },
      1,
      1,
    ],
  ])('%s', async (_what, query, variables, estimated, actual) => {
    Object.assign(lengths, { top: 3, parts: 2, reviews: 1 })
    expect(await both(query, { variables })).toEqual({ estimated, actual })
  })

  test('fetches that travel together cost what they would alone', async () => {
    Object.assign(lengths, { top: 3, parts: 2, reviews: 1 })
    const query = '{ one { stars parts { stars } maker { name } } top { stars } }'
    const alone = await both(query)
    expect(await both(query, { together: true })).toEqual(alone)
    expect(alone.actual).toBe(2 + 8 + 2 + 2 * 8 + 3 + 3 * 8)
  })
})

/** Selections of products, as deep as they come. */
const { product } = fc.letrec<{ product: string }>((tie) => ({
  product: fc
    .uniqueArray(
      fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom(
          'name',
          'price',
          'stars',
          'maker { home { name } }',
          '... on Product { id }',
        ),
        tie('product').map((inner) => `parts { ${inner} }`),
        tie('product').map((inner) => `reviews { text about { ${inner} } }`),
      ),
      { minLength: 1, maxLength: 4, selector: (text) => text.split(' ')[0] },
    )
    .map((fields) => fields.join(' ')),
}))

test('no answer costs more than was estimated while lists are no longer than they say', async () => {
  const question = fc.record({
    selection: product,
    first: fc.option(fc.nat({ max: 12 }), { nil: undefined }),
    top: fc.nat({ max: 6 }),
    parts: fc.nat({ max: 4 }),
    reviews: fc.nat({ max: 2 }),
    together: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(question, async ({ selection, first, together, ...actually }) => {
      Object.assign(lengths, actually)
      const query = `query ($n: Int) { top(first: $n) { ${selection} } one { ${selection} } }`
      const variables = first === undefined ? {} : { n: first }
      const { estimated, actual } = await both(query, { variables, together })
      expect(actual, query).toBeLessThanOrEqual(estimated)
    }),
    { numRuns: 120 },
  )
})

test('a plan is fetched by no more texts than it may remember', async () => {
  const { plan } = await shops.costOf('{ one { name } }')
  const cost = planCost(plan, { tables: shops.loaded.costs, listSize: 10 })
  const counted = Array.from({ length: 600 }, (_, index) =>
    cost.answerOf('products', `{ a${index}: one { name } }`),
  )
  expect(counted.filter((answer) => answer !== null)).toHaveLength(499)
  expect(cost.answerOf('nowhere', '{ one { name } }')).toBeNull()
})
