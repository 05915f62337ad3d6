import { beforeAll, describe, expect, test } from 'vitest'
import { planCost } from '#gateway/demand/plan-cost.ts'
import { isDomainError } from '#kernel/errors.ts'
import { costLink, costWorld } from './cost-world.ts'

/** The schema of the examples in Apollo's pages on demand control, with a few fields more. */
const LIBRARY = `${costLink()}
  type Query {
    book(id: ID): Book
    bestsellers: [Book] @listSize(assumedSize: 5)
    newestAdditions(after: ID, limit: Int!): [Book] @listSize(slicingArguments: ["limit"])
    either(first: Int, last: Int): [Book] @listSize(slicingArguments: ["first", "last"])
    any(first: Int = 7, last: Int): [Book]
      @listSize(assumedSize: 4, slicingArguments: ["first", "last"], requireOneSlicingArgument: false)
    shelf(first: Int): Shelf!
      @listSize(assumedSize: 20, slicingArguments: ["first"], sizedFields: ["books"], requireOneSlicingArgument: false)
    paged(input: Paged!, plain: Int): [Book] @listSize(slicingArguments: ["plain"])
    everything: [Book]
    people: [Person]
    dear: Dear
    heavy: Int @cost(weight: 6)
    heavies: [Heavy!] @listSize(assumedSize: 3)
    found(by: Filter @cost(weight: 15), only: [Heavy!], not: String): Book
  }
  type Mutation { borrow(input: Borrow!): Book }
  type Book { title: String author: Author publisher: Publisher @cost(weight: 5) kind: Kind editions: [Edition] @listSize(assumedSize: 2) }
  type Author { name: String }
  type Publisher { name: String address: Address }
  type Address @cost(weight: 5) { zipCode: Int! }
  type Edition { year: Int }
  type Shelf { books: [Book] room: String }
  interface Person { name: String }
  type Reader implements Person { name: String book: Book }
  type Writer implements Person { name: String books: [Book] @listSize(assumedSize: 4) }
  type Dear @cost(weight: 0) { book: Book }
  scalar Heavy @cost(weight: 2)
  enum Kind @cost(weight: 3) { NOVEL POEM }
  input Paged { page: Page = { first: 3 } }
  input Page { first: Int = 9 }
  input Filter { text: String kind: Kind inner: Filter }
  input Borrow { id: ID @cost(weight: 4) until: String notes: [Note!] }
  input Note { text: String }
`

let world: Awaited<ReturnType<typeof costWorld>>
beforeAll(async () => {
  // Composition in JavaScript takes plain arguments alone; that in Rust, paths too.
  world = await costWorld({ library: { sdl: LIBRARY } }, (sdl) =>
    sdl.replace('["plain"]', '["input.page.first"]'),
  )
})

/** What is asked, with which variables, and the sum as it is worked out by hand. */
const ROWS: readonly [string, string, Record<string, unknown>, number][] = [
  ['an object is 1 and its scalars nothing', '{ book { title } }', {}, 1],
  ['objects within add up', '{ book { title author { name } } }', {}, 2],
  [
    'the page of Apollo: 1 + 1 + 5 + 5',
    '{ book { title author { name } publisher { name address { zipCode } } } }',
    {},
    12,
  ],
  [
    '… five times over: 5 × 12',
    '{ bestsellers { title author { name } publisher { name address { zipCode } } } }',
    {},
    60,
  ],
  [
    'a slice: 3 × 12',
    '{ newestAdditions(limit: 3) { title author { name } publisher { name address { zipCode } } } }',
    {},
    36,
  ],
  [
    'a slice by a variable',
    'query ($n: Int!) { newestAdditions(limit: $n) { title } }',
    { n: 40 },
    40,
  ],
  ['… with a default', 'query ($n: Int! = 6) { newestAdditions(limit: $n) { title } }', {}, 6],
  ['a slice below nothing is nothing', '{ newestAdditions(limit: -3) { title } }', {}, 0],
  ['one of two slices', '{ either(last: 8) { title } }', {}, 8],
  ['the larger of two slices that may both be', '{ any(first: 3, last: 11) { title } }', {}, 11],
  ['a default of the schema slices too', '{ any { title } }', {}, 7],
  ['… unless null is said', '{ any(first: null) { title } }', {}, 4],
  ['a field sized by its parent: 1 + 5 × 1', '{ shelf(first: 5) { room books { title } } }', {}, 6],
  [
    '… through an alias and a fragment',
    '{ s: shelf(first: 5) { ...F } } fragment F on Shelf { b: books { title } }',
    {},
    6,
  ],
  ['… or by what is assumed: 1 + 20', '{ shelf { books { title } } }', {}, 21],
  [
    'a slice deep within an input: 1 for each object',
    '{ paged(input: { page: { first: 12 } }) { title } }',
    {},
    14,
  ],
  ['… whose default is in the schema', '{ paged(input: {}) { title } }', {}, 4],
  ['… or in the type within', '{ paged(input: { page: {} }) { title } }', {}, 11],
  [
    '… or in a variable',
    'query ($i: Paged!) { paged(input: $i) { title } }',
    { i: { page: { first: 5 } } },
    7,
  ],
  [
    '… or in a part of one',
    'query ($i: Int) { paged(input: { page: { first: $i } }) { title } }',
    { i: 5 },
    7,
  ],
  [
    'a list of which nothing is said has the size of the setting',
    '{ everything { title } }',
    {},
    10,
  ],
  ['lists within lists multiply: 10 × (1 + 2 × 1)', '{ everything { editions { year } } }', {}, 30],
  ['two names for one field are two', '{ a: book { title } b: book { title } }', {}, 2],
  ['a weight of a type for nothing', '{ dear { book { title } } }', {}, 1],
  ['a weight of a scalar field', '{ heavy }', {}, 6],
  ['a weight of a scalar, in a list: 3 × 2', '{ heavies }', {}, 6],
  ['a weight of an enum: 1 + 3', '{ book { kind } }', {}, 4],
  ['__typename costs nothing', '{ __typename book { __typename } }', {}, 1],
  [
    'fragments of two types add up: 10 × (1 + 1 + 4)',
    '{ people { name ... on Reader { book { title } } ... on Writer { books { title } } } }',
    {},
    60,
  ],
  [
    'what is skipped costs nothing',
    '{ book { title author @skip(if: true) { name } publisher @include(if: false) { name } } }',
    {},
    1,
  ],
  [
    '… nor by variables',
    'query ($y: Boolean!) { book { title author @skip(if: $y) { name } } everything @include(if: $y) { title } }',
    { y: true },
    11,
  ],
  [
    'an input with its own weight in place of 1: 15 + 3 + 1',
    '{ found(by: { kind: NOVEL, text: "a", inner: { text: "b" } }) { title } }',
    {},
    20,
  ],
  [
    'a list argument is its weight and its items: 2 + 2 × 2',
    '{ found(only: [1, 2]) { title } }',
    {},
    7,
  ],
  ['null costs nothing', '{ found(by: null, only: null) { title } }', {}, 1],
  [
    'nor does a variable that is not there',
    'query ($f: Filter) { found(by: $f) { title } }',
    {},
    1,
  ],
  [
    'a variable as an argument costs what it holds',
    'query ($f: Filter) { found(by: $f) { title } }',
    { f: { kind: 'POEM' } },
    19,
  ],
  [
    'a change is 10, 1 for its input, 4 for a field of it and 1 for each item',
    'mutation { borrow(input: { id: 1, until: "x", notes: [{ text: "a" }, { text: "b" }] }) { title } }',
    {},
    18,
  ],
]

describe('an operation of one subgraph costs what the formula says', () => {
  test.each(ROWS)('%s', async (_what, query, variables, cost) => {
    expect((await world.costOf(query, { variables })).estimate.total).toBe(cost)
  })

  test('the size of lists is a setting', async () => {
    expect((await world.costOf('{ everything { title } }', { listSize: 100 })).estimate.total).toBe(
      100,
    )
  })

  test.each([
    ['none', '{ either { title } }', {}],
    ['two', '{ either(first: 1, last: 2) { title } }', {}],
    ['none that is one', '{ either(first: null) { title } }', {}],
    ['a variable too many', 'query ($n: Int) { either(first: 1, last: $n) { title } }', { n: 2 }],
  ])('a list that asks for one slice refuses %s', async (_what, query, variables) => {
    await expect(world.costOf(query, { variables })).rejects.toThrow(
      expect.objectContaining({ code: 'COST_INVALID_SLICING_ARGUMENTS' }),
    )
  })

  test('what is known from the document alone is worked out once', async () => {
    const { cost } = await world.costOf('{ everything { title } }')
    expect(cost.estimate({})).toBe(cost.estimate({ other: 1 }))
  })
})

const RENAMED = '{ name: "@cost", as: "@price" }, { name: "@listSize", as: "@length" }'

const SHOPS = {
  products: {
    sdl: `${costLink(RENAMED)}
      type Query { top(first: Int): [Product!]! @length(assumedSize: 4, slicingArguments: ["first"], requireOneSlicingArgument: false) one: Product }
      type Subscription { sold: Product }
      type Product @key(fields: "id") { id: ID! name: String parts: [Product!]! @length(assumedSize: 2) }
    `,
  },
  reviews: {
    sdl: `${costLink(RENAMED)}
      type Product @key(fields: "id") { id: ID! reviews: [Review!]! @length(assumedSize: 3) stars: Int @price(weight: 7) }
      type Review { text: String by: Person }
      type Person @key(fields: "id") { id: ID! }
    `,
  },
  people: { sdl: `${costLink(RENAMED)} type Person @key(fields: "id") { id: ID! name: String }` },
}

describe('a plan over several subgraphs', () => {
  let shops: Awaited<ReturnType<typeof costWorld>>
  beforeAll(async () => {
    shops = await costWorld(SHOPS)
  })
  const bySubgraph = async (query: string, variables = {}) => {
    const { total, bySubgraph: parts } = (await shops.costOf(query, { variables })).estimate
    return { total, ...Object.fromEntries(parts) }
  }

  test('adds up its fetches; entities are as many as the lists on the way to them hold', async () => {
    // 4 products; for each an entity and 3 reviews with a person; for each of 12 persons an entity.
    expect(await bySubgraph('{ top { name reviews { text by { name } } } }')).toEqual({
      total: 4 + 4 * (1 + 3 * (1 + 1)) + 12,
      products: 4,
      reviews: 28,
      people: 12,
    })
    expect(await bySubgraph('query ($n: Int) { top(first: $n) { stars } }', { n: 9 })).toEqual({
      total: 9 + 9 * (1 + 7),
      products: 9,
      reviews: 72,
    })
    expect(await bySubgraph('{ one { stars } }')).toEqual({ total: 9, products: 1, reviews: 8 })
  })

  test('lists within lists on the way multiply', async () => {
    expect(await bySubgraph('{ top { parts { stars } } }')).toEqual({
      total: 4 * (1 + 2) + 8 * 8,
      products: 12,
      reviews: 64,
    })
  })

  test('renamed directives count as they would by their own names', async () => {
    expect((await bySubgraph('{ top { name } }')).total).toBe(4)
  })

  test('a subscription costs its first fetch, and each event its delivery and the rest', async () => {
    const { cost, estimate } = await shops.costOf('subscription { sold { name stars } }')
    expect(estimate.total).toBe(1)
    expect(cost.perEvent({})).toBe(1 + 8)
  })

  test('a condition costs its dearer branch, deferred parts are added', async () => {
    const { plan } = await shops.costOf('{ top { name } }')
    const fetch = plan.node
    if (fetch?.kind !== 'Fetch') throw new Error('one fetch was expected')
    const cheap = { ...fetch, operation: '{ one { name } }' }
    const given = { tables: shops.loaded.costs, listSize: 10 }
    const totalOf = (node: Parameters<typeof planCost>[0]['node']) =>
      planCost({ node }, given).estimate({}).total
    const condition = { kind: 'Condition' as const, condition: 'x' }
    expect(totalOf({ ...condition, ifClause: cheap, elseClause: fetch })).toBe(4)
    expect(totalOf({ ...condition, ifClause: cheap })).toBe(1)
    expect(
      totalOf({ kind: 'Sequence', nodes: [cheap, fetch, { kind: 'Parallel', nodes: [cheap] }] }),
    ).toBe(6)
    const deferred = [{ depends: [], queryPath: [], node: cheap }]
    expect(totalOf({ kind: 'Defer', primary: { node: fetch }, deferred })).toBe(5)
    expect(totalOf(undefined)).toBe(0)
  })

  test.each([
    ['is no document', '{'],
    ['has no operation', 'fragment F on Query { one { name } }'],
    ['asks for a field that is not there', '{ two { name } }'],
    ['asks for what only others have', '{ one { nothing } }'],
    ['spreads a fragment that is not there', '{ one { ...F } }'],
  ])('a fetch that %s cannot be costed', async (_what, operation) => {
    const { plan } = await shops.costOf('{ top { name } }')
    if (plan.node?.kind !== 'Fetch') throw new Error('one fetch was expected')
    const given = { tables: shops.loaded.costs, listSize: 10 }
    const cost = () => planCost({ node: { ...plan.node, operation } as typeof plan.node }, given)
    expect(cost).toThrow(expect.objectContaining({ code: 'COST_QUERY_PARSE_FAILURE' }))
    expect(() => planCost(plan, { ...given, tables: new Map() })).toThrow(
      expect.toSatisfy((failure) => isDomainError(failure, 'COST_QUERY_PARSE_FAILURE')),
    )
  })
})
