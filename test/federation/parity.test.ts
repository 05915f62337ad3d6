import { assert as assertProperty, asyncProperty, constantFrom, record, subarray } from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SCOPE_NAMES } from '#kernel/auth/scopes.ts'
import { anonymousViewer, type Viewer } from '#kernel/auth/viewer.ts'
import { newId } from '#kernel/ids.ts'
import { PEOPLE, startPlatform, type TestPlatform } from '../kit/platform.ts'
import type { AcmeBets } from './acme-bets.ts'
import { type Comparison, compare, emptyTally, scopesOn } from './parity/compare.ts'
import { fieldsWithWays, keysThrough, type Reached } from './parity/fields-with-ways.ts'
import { plantOneOfEach } from './parity/plant.ts'
import type { Way } from './parity/ways.ts'

let platform: TestPlatform
let acme: AcmeBets
let fields: Reached[]
let comparison: Comparison

/** Somebody who reaches every row: what he is refused, he is refused for want of a right. */
const somebody = (scopes: readonly string[], kind: 'user' | 'key' = 'user'): Viewer => ({
  ...anonymousViewer(newId()),
  ...(kind === 'user' ? { sessionId: '1' } : { keyId: '1' }),
  ...{ kind, userId: '1', reach: { kind: 'platform' }, scopes },
})

async function compareAll(viewerFor: (way: Way) => Viewer, only: readonly Reached[] = fields) {
  const streams: Promise<void>[] = []
  for (const field of only) {
    for (const way of field.ways) {
      const compared = compare(comparison, { field, way, viewer: viewerFor(way) })
      // Whether a stream is let in shows by waiting: all of them wait at once.
      if (way.from === 'Subscription') streams.push(compared)
      else await compared
    }
  }
  await Promise.all(streams)
}

beforeAll(async () => {
  platform = await startPlatform()
  acme = await plantOneOfEach(platform)
  const keys = await keysThrough(platform, await platform.tokenOf(PEOPLE.operator))
  fields = await fieldsWithWays(platform, { viewer: somebody(SCOPE_NAMES), keys })
  comparison = { platform, keys, tally: emptyTally() }
}, 180_000)
afterAll(async () => {
  await acme.games[Symbol.asyncDispose]()
  await platform[Symbol.asyncDispose]()
})

test('every protected field is come to, but for those that stand in events alone', () => {
  expect(fields.length).toBeGreaterThan(200)
  // What brings them are streams, whose root fields are compared; their types stand elsewhere too.
  const inEvents = ['tenancy TenancyNews.guild', 'tenancy TenancyNews.tenant']
  inEvents.push('analytics BetChange.bet', 'analytics FixtureChange.fixture')
  const unreached = fields.filter(({ ways }) => ways.length === 0)
  expect(unreached.map(({ subgraph, coordinate }) => `${subgraph} ${coordinate}`)).toEqual(inEvents)
})

test('gateway and subgraph refuse the same: nobody, somebody without a right, one right too few, just enough', async () => {
  await compareAll(() => anonymousViewer(newId()))
  await compareAll(() => somebody([]))
  await compareAll((way) => {
    const [missing] = scopesOn(way).slice(-1)
    return somebody(SCOPE_NAMES.filter((scope) => scope !== missing))
  })
  await compareAll((way) => somebody(scopesOn(way)))
  expect(comparison.tally.mismatches).toEqual([])
}, 120_000)

test('and for rights by chance', async () => {
  const rights = record({
    kind: constantFrom('user' as const, 'key' as const),
    scopes: subarray([...SCOPE_NAMES]),
  })
  await assertProperty(
    asyncProperty(rights, async ({ kind, scopes }) => {
      await compareAll(() => somebody(scopes, kind))
      expect(comparison.tally.mismatches).toEqual([])
    }),
    { numRuns: 3, endOnFailure: true },
  )
}, 120_000)

test('a gateway that takes everybody for somebody with all rights is found out', async () => {
  const viewer = somebody([])
  const tally = emptyTally()
  const other = { viewer, atGateway: somebody(SCOPE_NAMES) }
  const guarded = fields.filter(({ ways }) => ways.some((way) => way.from === 'Query')).slice(0, 20)
  for (const field of guarded) {
    const way = field.ways.find(({ from }) => from === 'Query')
    if (way) await compare({ ...comparison, tally }, { field, way, ...other })
  }
  expect(tally.mismatches.length).toBeGreaterThan(20)
  expect(tally.mismatches.join()).toContain('gateway lets in, subgraph says refused')
})

test('each field was refused by both at some time, and let in by both', () => {
  const { tally } = comparison
  const all = fields
    .filter(({ ways }) => ways.length > 0)
    .map(({ subgraph, coordinate }) => `${subgraph} ${coordinate}`)
  expect([...tally.refusedBy].sort()).toEqual([...new Set(all)].sort())
  expect([...tally.letInBy].sort()).toEqual([...new Set(all)].sort())
  const { refused, given, otherwise, absent, byWay } = tally
  process.stdout.write(
    `parity: ${fields.length} protected fields and types, ${refused + given + otherwise} verdicts compared ` +
      `(refused ${refused}, let in ${given}, let in and refused for a reason of the row ${otherwise}); ` +
      `by root ${byWay.root}, mutation ${byWay.mutation}, subscription ${byWay.subscription}, _entities ${byWay.entity}; ` +
      `nothing there to ask ${absent}; differences ${tally.mismatches.length}\n`,
  )
})
