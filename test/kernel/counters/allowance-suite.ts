import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Allowance } from '#kernel/counters/allowance.ts'
import type { Counters } from '#kernel/counters/counters.ts'

/** Allowances on one engine, and a way to have time pass there. */
export type AllowanceWorld = AsyncDisposable & {
  counters: Counters
  pass: (milliseconds: number) => Promise<void>
}

const BOUNDS = { most: 100, perSecond: 0.001 }

/** What an allowance promises, wherever it is kept. */
export function describeAllowances(where: string, openWorld: () => Promise<AllowanceWorld>): void {
  const leftOf = async (allowance: Allowance, subject = 'ann') =>
    Math.round((await allowance.take(subject, { least: 0, most: 0 })).left)

  describe(`an allowance ${where}`, () => {
    test('grants what is asked, or what there is, or nothing', async () => {
      await using world = await openWorld()
      const allowance = world.counters.openAllowance('test', BOUNDS)
      expect(await allowance.take('ann', { least: 10, most: 60 })).toMatchObject({ granted: 60 })
      const rest = await allowance.take('ann', { least: 10, most: 60 })
      expect(Math.round(rest.granted)).toBe(40)
      expect(await allowance.take('ann', { least: 10, most: 60 })).toMatchObject({ granted: 0 })
      expect(await leftOf(allowance)).toBe(0)
      expect(await leftOf(allowance, 'bob')).toBe(100)
    })

    test('takes back what was not needed, and never holds more than it may', async () => {
      await using world = await openWorld()
      const allowance = world.counters.openAllowance('test', BOUNDS)
      await allowance.take('ann', { least: 50, most: 50 })
      await allowance.giveBack('ann', 20)
      expect(await leftOf(allowance)).toBe(70)
      await allowance.giveBack('ann', 1_000)
      expect(await leftOf(allowance)).toBe(100)
      await allowance.giveBack('ann', -30)
      expect(await leftOf(allowance)).toBe(100)
    })

    test('comes back with time, up to all of it', async () => {
      await using world = await openWorld()
      const allowance = world.counters.openAllowance('quick', { most: 100, perSecond: 50 })
      await allowance.take('ann', { least: 100, most: 100 })
      await world.pass(1_000)
      const left = await leftOf(allowance)
      expect(left).toBeGreaterThanOrEqual(50)
      expect(left).toBeLessThan(75)
      await world.pass(10_000)
      expect(await leftOf(allowance)).toBe(100)
    })

    test('whoever asks at once, no more is granted than stands', async () => {
      await using world = await openWorld()
      const ask = fc.record({ least: fc.nat({ max: 30 }), more: fc.nat({ max: 30 }) })
      let run = 0
      await fc.assert(
        fc.asyncProperty(fc.array(ask, { minLength: 1, maxLength: 30 }), async (asks) => {
          const allowance = world.counters.openAllowance(`run-${run++}`, BOUNDS)
          const grants = await Promise.all(
            asks.map(({ least, more }) => allowance.take('ann', { least, most: least + more })),
          )
          const granted = grants.reduce((sum, grant) => sum + grant.granted, 0)
          expect(granted).toBeLessThanOrEqual(BOUNDS.most + 0.01)
          expect(Math.min(...grants.map(({ left }) => left))).toBeGreaterThanOrEqual(0)
          for (const [index, { granted: got }] of grants.entries())
            expect(got === 0 || got >= (asks[index]?.least ?? 0)).toBe(true)
        }),
        { numRuns: 25 },
      )
    })
  })
}
