import { expect, test } from 'vitest'
import { isDomainError } from '#kernel/errors.ts'
import { costLink, costWorld } from './cost-world.ts'

const SDL = `${costLink()}
  type Query {
    books(first: Int, input: Wanted, weighed: Int @cost(weight: 31)): [Book] @listSize(assumedSize: 5, slicingArguments: ["first"])
    shelf(first: Int): Shelf @listSize(slicingArguments: ["first"], sizedFields: ["books"])
  }
  type Shelf { books: [Book] name: String }
  type Book @cost(weight: 32) { title: String @cost(weight: 33) }
  input Wanted { first: Int name: String @cost(weight: 34) }
`

async function refusalOf(edit: (sdl: string) => string) {
  try {
    await costWorld({ library: { sdl: SDL } }, (sdl) => {
      const edited = edit(sdl)
      expect(edited).not.toBe(sdl)
      return edited
    })
  } catch (failure) {
    if (isDomainError(failure, 'SUPERGRAPH_INVALID')) return failure.extensions.reason
    throw failure
  }
  return null
}

test('a supergraph whose cost rules can be read is served', async () => {
  expect(await refusalOf((sdl) => sdl.replace('assumedSize: 5', 'assumedSize: 6'))).toBeNull()
})

test.each([
  ['a weight below nothing on an argument', 'weight: 31', 'weight: -1', /weight/],
  ['… on a type', 'weight: 32', 'weight: -1', /weight/],
  ['… on a field', 'weight: 33', 'weight: -1', /weight/],
  ['… on a field of an input', 'weight: 34', 'weight: -1', /weight/],
  ['a weight that is a text', 'weight: 32', 'weight: "5"', /./],
  ['an assumed size below nothing', 'assumedSize: 5', 'assumedSize: -5', /size/],
  ['a slice by nothing that is there', '["first"], sized', '["last"], sized', /last/],
  [
    'a path through nothing that is there',
    'slicingArguments: ["first"])',
    'slicingArguments: ["input.last"])',
    /input\.last/,
  ],
  [
    'a path into a scalar',
    'slicingArguments: ["first"])',
    'slicingArguments: ["first.first"])',
    /first\.first/,
  ],
  ['a sized field that is no list', 'sizedFields: ["books"]', 'sizedFields: ["name"]', /name/],
  [
    'a sized field that is not there',
    'sizedFields: ["books"]',
    'sizedFields: ["nothing"]',
    /nothing/,
  ],
  ['a version that nobody knows', 'cost/v0.1', 'cost/v7.1', /v?7\.1/],
])('%s refuses the supergraph', async (_what, from, to, reason) => {
  expect(await refusalOf((sdl) => sdl.replace(from, to))).toMatch(reason)
})

test('cost rules whose link was forgotten refuse the supergraph instead of counting for nothing', async () => {
  const forgotten = (sdl: string) => sdl.replace(/@link\(url: "[^"]*\/cost\/v0\.1"[^)]*\)/, '')
  expect(await refusalOf(forgotten)).toBe('cost rules without their @link')
})

test('a path that is taken from the planner is asked for its variable all the same', async () => {
  const path = (sdl: string) =>
    sdl.replace('slicingArguments: ["first"])', 'slicingArguments: ["first", "input.first"])')
  const world = await costWorld({ library: { sdl: SDL } }, path)
  const query = 'query ($w: Wanted) { books(input: $w) { __typename } }'
  expect((await world.costOf(query, { variables: { w: { first: 4 } } })).estimate.total).toBe(
    4 * 32 + 1,
  )
  await expect(world.costOf(query, { variables: { w: {} } })).rejects.toThrow(
    expect.objectContaining({ code: 'COST_INVALID_SLICING_ARGUMENTS' }),
  )
  expect(world.loaded.sdl).not.toContain('input.first')
})
