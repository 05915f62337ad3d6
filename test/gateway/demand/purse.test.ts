import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createPurse, type Purse } from '#gateway/demand/purse.ts'
import { createManualClock } from '#kernel/clock.ts'
import { createMemoryAllowance } from '#kernel/counters/memory-allowance.ts'

const NOON = new Date('2026-08-15T12:00:00.000Z')

/** Several processes that share one allowance, each with a purse of its own. */
function processes(count: number, bounds: { most: number; perSecond: number }) {
  const clock = createManualClock(NOON)
  const inner = createMemoryAllowance(bounds, clock)
  const asked = { times: 0 }
  const allowance = {
    ...inner,
    take: (...call: Parameters<typeof inner.take>) => {
      asked.times++
      return inner.take(...call)
    },
  }
  const now = () => clock.now().getTime()
  const failed = (failure: unknown) => {
    throw failure
  }
  const purses = Array.from({ length: count }, () =>
    createPurse({ allowance, bounds, now, failed }),
  )
  return { clock, asked, inner, purses, first: purses[0] as Purse }
}

test('what is there is spent without asking for each, and what is not is refused with a time', async () => {
  const { first, asked, clock } = processes(1, { most: 1_000, perSecond: 100 })
  for (let spent = 0; spent < 1_000; spent += 10)
    expect(await first.take('ann', 10)).toMatchObject({ isTaken: true })
  expect(asked.times).toBeLessThanOrEqual(1_000 / 20)
  expect(await first.take('ann', 10)).toEqual({ isTaken: false, left: 0, retryAfterSeconds: 1 })
  expect(await first.take('ann', 500)).toMatchObject({ retryAfterSeconds: 5 })
  expect(await first.take('bob', 1_000)).toMatchObject({ isTaken: true })
  clock.advance(5_000)
  expect(await first.take('ann', 500)).toMatchObject({ isTaken: true })
})

test('a flood that was told no is not asked for again in the same moment', async () => {
  const { first, asked } = processes(1, { most: 100, perSecond: 10 })
  await first.take('ann', 100)
  const before = asked.times
  const answers = await Promise.all(Array.from({ length: 1_000 }, () => first.take('ann', 5)))
  expect(answers.some(({ isTaken }) => isTaken)).toBe(false)
  expect(asked.times - before).toBeLessThanOrEqual(1)
})

test('what was set aside and not spent comes back to all', async () => {
  const { purses, first, inner } = processes(2, { most: 1_000, perSecond: 1 })
  await first.take('ann', 1_000)
  first.settle('ann', -900)
  await expect.poll(async () => (await inner.take('ann', { least: 0, most: 0 })).left).toBe(899)
  expect(await purses[1]?.take('ann', 800)).toMatchObject({ isTaken: true })
})

test('what was spent beyond it is taken as far as it is there, and never more', async () => {
  const { first, inner } = processes(1, { most: 100, perSecond: 1 })
  await first.take('ann', 10)
  first.settle('ann', 5_000)
  await expect.poll(async () => (await inner.take('ann', { least: 0, most: 0 })).left).toBe(0)
})

test('together, processes spend no more than stood and came back, and one slice’s time of it', async () => {
  const bounds = { most: 500, perSecond: 100 }
  const step = fc.record({
    who: fc.nat({ max: 3 }),
    waitMs: fc.integer({ min: 0, max: 700 }),
    points: fc.integer({ min: 1, max: 120 }),
    times: fc.integer({ min: 1, max: 6 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      const { purses, clock } = processes(4, bounds)
      let through = 0
      for (const { who, waitMs, points, times } of steps) {
        clock.advance(waitMs)
        const takes = Array.from({ length: times }, () => purses[who]?.take('ann', points))
        for (const taken of await Promise.all(takes)) {
          expect(taken?.left).toBeGreaterThanOrEqual(0)
          if (taken?.isTaken) through += points
        }
        const seconds = (clock.now().getTime() - NOON.getTime()) / 1000
        expect(through).toBeLessThanOrEqual(bounds.most + bounds.perSecond * (seconds + 1) + 1e-3)
      }
    }),
    { numRuns: 60 },
  )
})
