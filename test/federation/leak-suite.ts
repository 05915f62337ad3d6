import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PEOPLE, type TestPlatform } from '../kit/platform.ts'
import {
  type Asker,
  namePeople,
  type Outcome,
  runLeakMatrix,
  signedIn,
  strangers,
} from './leak-matrix.ts'
import { ENTITY_ASKERS, runEntityAttack } from './leaks/entity-attack.ts'
import { plantForeignWorld } from './leaks/foreign-world.ts'
import { type Games, openGames } from './leaks/games.ts'
import { plantNeighbour } from './leaks/neighbour.ts'
import { withoutTenantFilter } from './leaks/sabotage.ts'
import type { ForeignWorld } from './leaks/side.ts'
import { FOREIGN_STREAMS, runStreamMatrix } from './leaks/streams.ts'
import { take } from './world.ts'

/** Tries of each root field, at most; test/prove makes all, and asks deeper. */
export type LeakSlice = { mostPerField: number }
const DEPTH = 3
/** Root fields that somebody can try at all, about. */
const FIELDS = 85
/** More tries on fewer fields, where something is to be found. */
const CONTROL = { mostPerField: 12, depth: 2 }

/** On a machine that has much else to do. */
const LONGEST_MS = 900_000

/** Lists by which the operator finds what is foreign, of every subgraph. */
const LISTS = [
  ...['tenants', 'guilds', 'users', 'roles', 'quotas', 'featureFlags', 'userRoles'],
  ...['accounts', 'bets', 'holds', 'ledgerEntries', 'bettingFigures'],
  ...['auditLogs', 'auditLogAggregates', 'alertRules', 'alerts', 'policies', 'consents'],
  'conversations',
]

/** Those of them that only the filter of tenants guards. */
const FILTERED = LISTS.filter((name) => !['tenants', 'users'].includes(name))

/** The field of each leak, once. */
const fieldsOf = (outcome: Outcome | undefined) =>
  [...new Set(outcome?.leaks.map(({ field }) => field))].sort()

function expectNoLeak({ asker, leaks, changed, faults }: Outcome): void {
  const seen = { asker, leaks: leaks.slice(0, 20), changed, faults: faults.slice(0, 20) }
  expect(seen).toEqual({ asker, leaks: [], changed: [], faults: [] })
}

/** What must hold on every engine: another tenant's data is neither read nor changed. */
export function describeLeaks(
  engine: string,
  start: () => Promise<TestPlatform>,
  { mostPerField }: LeakSlice,
) {
  const slice = { mostPerField, depth: DEPTH }
  describe(`what belongs to others is neither read nor changed on ${engine}`, () => {
    let platform: TestPlatform
    let games: Games
    let world: ForeignWorld
    let neighbour: ForeignWorld
    let askers: Asker[]
    let ofGuild: Asker[]
    let operator: Asker

    beforeAll(async () => {
      platform = await start()
      games = await openGames(platform, await platform.as(PEOPLE.operator))
      world = await plantForeignWorld(platform, games)
      neighbour = await plantNeighbour(platform, games)
      askers = await strangers(platform)
      ofGuild = askers.filter(({ name }) => name.endsWith('of a guild'))
      operator = signedIn(platform, 'operator', PEOPLE.operator)
    }, LONGEST_MS)
    afterAll(async () => {
      await games[Symbol.asyncDispose]()
      await platform[Symbol.asyncDispose]()
    })

    const home = (name: string) => askers.find((asker) => asker.name === name) as Asker

    test(
      'no query and no mutation gives anything of another tenant away, or changes it',
      async () => {
        const outcomes = await runLeakMatrix(platform, { world, askers, ...slice })
        for (const outcome of outcomes) {
          expectNoLeak(outcome)
          const { tries, answered, asker } = outcome
          expect(tries).toBeGreaterThan(FIELDS * mostPerField)
          if (asker.startsWith('administrator')) expect(answered).toBeGreaterThan(tries / 4)
        }
      },
      LONGEST_MS,
    )

    test(
      'whose rights are in one guild reaches nothing of the guild beside it',
      async () => {
        const options = { world: neighbour, askers: ofGuild, ...slice }
        for (const outcome of await runLeakMatrix(platform, options)) expectNoLeak(outcome)
        const only = new Set(LISTS.filter((name) => !['tenants', 'quotas'].includes(name)))
        const [tenant] = await runLeakMatrix(platform, {
          world: neighbour,
          askers: [home('administrator of the tenant')],
          ...CONTROL,
          only,
        })
        const ofMoney = ['accounts', 'bets', 'bettingFigures', 'holds', 'ledgerEntries']
        const ofRules = ['alertRules', 'alerts', 'auditLogs', 'consents', 'conversations']
        expect(fieldsOf(tenant)).toEqual(expect.arrayContaining([...ofMoney, ...ofRules]))
      },
      LONGEST_MS,
    )

    test(
      'no event of another tenant or guild reaches a subscription',
      async () => {
        const sides = [
          { world, askers, home: home('administrator of the tenant') },
          { world: neighbour, askers: ofGuild, home: home('administrator of a guild') },
        ]
        for (const side of sides) {
          const outcomes = await runStreamMatrix(platform, { ...side, control: operator })
          const leaky = outcomes.filter(({ leaks }) => leaks.length > 0)
          expect(leaky.map(({ asker }) => asker)).toEqual(['operator'])
          const streams = leaky[0]?.leaks.map(({ where }) => where)
          expect(streams).toEqual(expect.arrayContaining([...expectedStreams(side.world)]))
        }
      },
      LONGEST_MS,
    )

    test(
      'no subgraph gives foreign things to whoever names their keys',
      async () => {
        const { strangers: others, guild } = ENTITY_ASKERS
        const outcomes = [
          ...(await runEntityAttack(platform, world, others)),
          ...(await runEntityAttack(platform, neighbour, [guild])),
        ]
        for (const { subgraph, asker, leaks, tries } of outcomes) {
          expect({ subgraph, asker, leaks }).toEqual({ subgraph, asker, leaks: [] })
          expect(tries).toBeGreaterThan(0)
        }
      },
      LONGEST_MS,
    )

    test(
      'naming people of another tenant in rows of one’s own tells nothing of them',
      async () => {
        const asker = home('administrator of the tenant')
        const outcome = await namePeople(platform, { world, asker })
        expectNoLeak(outcome)
        expect(outcome.answered).toBeGreaterThan(outcome.tries / 2)
      },
      LONGEST_MS,
    )

    test('no count and no sum takes foreign money in', async () => {
      const check = '{ ledgerCheck { currency accounts sum broken } }'
      type Check = { currency: string; accounts: number; sum: string; broken: string[] }[]
      const own = await platform.as(PEOPLE.acmeAdmin)
      const accounts =
        '{ accounts(first: 100, where: { kind: { in: [PLAYER, HELD, DEBT] } }) { edges { node { id } } } }'
      const { edges } = await take<{ edges: unknown[] }>(own, accounts)
      const seen = await take<Check>(own, check)
      expect(seen).toEqual([{ currency: 'EUR', accounts: edges.length, sum: '0', broken: [] }])
      const [all] = await take<Check>(await platform.as(PEOPLE.operator), check)
      expect(all?.accounts).toBeGreaterThan(edges.length)
    })

    test(
      'the operator sees it: by query, and by key at every subgraph',
      async () => {
        const one = ['guild', 'tenant', 'account', 'bet', 'auditLog', 'consent', 'policyInForce']
        const only = new Set([...LISTS, ...one])
        const options = { world, askers: [operator], ...CONTROL, only }
        const [outcome] = await runLeakMatrix(platform, options)
        expect(fieldsOf(outcome)).toEqual([...only].sort())
        const byKey = await runEntityAttack(platform, world, [ENTITY_ASKERS.operator])
        expect(byKey.filter(({ leaks }) => leaks.length === 0)).toEqual([])
      },
      LONGEST_MS,
    )

    test(
      'without the tenant filter the same tries find leaks',
      async () => {
        using _broken = withoutTenantFilter(platform)
        const only = new Set(FILTERED)
        const admin = [home('administrator of the tenant')]
        const options = { world, askers: admin, ...CONTROL, only }
        const [outcome] = await runLeakMatrix(platform, options)
        expect(fieldsOf(outcome)).toEqual([...only].sort())
      },
      LONGEST_MS,
    )
  })
}

const expectedStreams = ({ foreign }: ForeignWorld) =>
  foreign.tenant.length > 0 ? FOREIGN_STREAMS.ofTenant : FOREIGN_STREAMS.ofGuild
