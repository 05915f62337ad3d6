import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PEOPLE, type TestPlatform } from '../kit/platform.ts'
import { type Asker, runLeakMatrix, signedIn, strangers } from './leak-matrix.ts'
import { ENTITY_ASKERS, runEntityAttack } from './leaks/entity-attack.ts'
import { type ForeignWorld, plantForeignWorld } from './leaks/foreign-world.ts'
import { withoutTenantFilter } from './leaks/sabotage.ts'
import { runStreamMatrix } from './leaks/streams.ts'

/** A slice of each root field's tries; test/prove tries all. */
const MOST_PER_FIELD = 4

/** On a machine that has much else to do. */
const LONGEST_MS = 120_000

/** What must hold on every engine: another tenant's data is neither read nor changed. */
export function describeLeaks(engine: string, start: () => Promise<TestPlatform>) {
  describe(`what belongs to a tenant is neither read nor changed by others on ${engine}`, () => {
    let platform: TestPlatform
    let world: ForeignWorld
    let askers: Asker[]
    let operator: Asker

    beforeAll(async () => {
      platform = await start()
      world = await plantForeignWorld(platform)
      askers = await strangers(platform)
      operator = signedIn(platform, 'operator', PEOPLE.operator)
    }, LONGEST_MS)
    afterAll(() => platform[Symbol.asyncDispose]())

    test(
      'no query and no mutation gives anything of another tenant away, or changes it',
      async () => {
        const outcomes = await runLeakMatrix(platform, {
          world,
          askers,
          mostPerField: MOST_PER_FIELD,
        })
        for (const { tries, answered, leaks, changed, faults, asker } of outcomes) {
          expect({ asker, leaks, changed, faults }).toEqual({
            asker,
            leaks: [],
            changed: [],
            faults: [],
          })
          expect(tries).toBeGreaterThan(150)
          if (asker.startsWith('administrator')) expect(answered).toBeGreaterThan(tries / 4)
        }
      },
      LONGEST_MS,
    )

    test('no event of another tenant reaches a subscription', async () => {
      const home = askers.find(({ name }) => name === 'administrator of the tenant') as Asker
      const outcomes = await runStreamMatrix(platform, { world, askers, control: operator, home })
      const leaky = outcomes.filter(({ leaks }) => leaks.length > 0).map(({ asker }) => asker)
      expect(leaky).toEqual(['operator'])
    })

    test('no subgraph gives foreign things to whoever names their keys', async () => {
      const outcomes = await runEntityAttack(platform, world, ENTITY_ASKERS.strangers)
      for (const { subgraph, asker, leaks, tries } of outcomes) {
        expect({ subgraph, asker, leaks }).toEqual({ subgraph, asker, leaks: [] })
        expect(tries).toBeGreaterThan(0)
      }
    })

    test('the operator sees it: by query, and by key at every subgraph', async () => {
      const only = new Set([
        'tenants',
        'guild',
        'users',
        'quotas',
        'featureFlags',
        'tenant',
        'roles',
      ])
      const [outcome] = await runLeakMatrix(platform, {
        world,
        askers: [operator],
        mostPerField: MOST_PER_FIELD,
        only,
      })
      expect(new Set(outcome?.leaks.map(({ field }) => field))).toEqual(only)
      const byKey = await runEntityAttack(platform, world, [ENTITY_ASKERS.operator])
      expect(byKey.filter(({ leaks }) => leaks.length === 0)).toEqual([])
    })

    test('without the tenant filter the same tries find leaks', async () => {
      using _broken = withoutTenantFilter(platform)
      const admin = askers.filter(({ name }) => name === 'administrator of the tenant')
      const only = new Set(['guilds', 'quotas', 'featureFlags', 'roles', 'userRoles'])
      const [outcome] = await runLeakMatrix(platform, {
        world,
        askers: admin,
        mostPerField: MOST_PER_FIELD,
        only,
      })
      expect(new Set(outcome?.leaks.map(({ field }) => field))).toEqual(only)
    })
  })
}
