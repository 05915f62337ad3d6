import { describe, expect, test } from 'vitest'
import type { Counters } from '#kernel/counters/counters.ts'

const MOST = 10
const WINDOW_MS = 60_000

/** Counters on one engine, and a way to have time pass there. */
export type CounterWorld = AsyncDisposable & {
  counters: Counters
  pass: (milliseconds: number) => Promise<void>
}

const countIn = (answers: readonly boolean[]) => answers.filter(Boolean).length

/** What a counter promises, wherever it counts. */
export function describeCounters(where: string, openWorld: () => Promise<CounterWorld>): void {
  const open = async () => {
    const world = await openWorld()
    const counter = world.counters.open('test', { most: MOST, windowMilliseconds: WINDOW_MS })
    const takeTimes = (times: number, subject = 'ann') =>
      Promise.all(Array.from({ length: times }, () => counter.take(subject)))
    return { ...world, counter, takeTimes }
  }

  describe(`a counter ${where}`, () => {
    test('takes as many tries as it may, at once or one by one, of each subject its own', async () => {
      await using world = await open()
      const { counter, takeTimes } = world
      expect(await counter.isFull('ann')).toBe(false)
      expect(countIn(await takeTimes(50))).toBe(MOST)
      expect([await counter.isFull('ann'), await counter.isFull('bob')]).toEqual([true, false])
      expect(countIn(await takeTimes(4, 'bob'))).toBe(4)
      expect(await counter.isFull('bob')).toBe(false)
    })

    test('gives back one try for one, and none that was never taken', async () => {
      await using world = await open()
      const { counter, takeTimes } = world
      for (let times = 0; times < 3; times++) await counter.giveBack('ann')
      expect(countIn(await takeTimes(20))).toBe(MOST)
      await counter.giveBack('ann')
      expect(countIn(await takeTimes(20))).toBe(1)
      for (let times = 0; times < 2 * MOST; times++) await counter.giveBack('ann')
      expect(countIn(await takeTimes(20))).toBe(MOST)
    })

    test('forgets who got in, and nobody else', async () => {
      await using world = await open()
      const { counter, takeTimes } = world
      await takeTimes(MOST)
      await takeTimes(MOST, 'bob')
      await counter.clear('ann')
      expect([await counter.isFull('ann'), await counter.isFull('bob')]).toEqual([false, true])
    })

    test('forgets tries a window after the first of them', async () => {
      await using world = await open()
      await world.takeTimes(5)
      await world.pass(WINDOW_MS - 10_000)
      await world.takeTimes(4)
      await world.pass(10_001)
      expect(countIn(await world.takeTimes(20))).toBe(MOST)
    })

    test('is locked for a whole window after the last try; knocking does not prolong it', async () => {
      await using world = await open()
      const { counter, takeTimes } = world
      await takeTimes(MOST - 1)
      await world.pass(WINDOW_MS - 10_000)
      await takeTimes(1)
      await world.pass(WINDOW_MS - 10_000)
      expect(countIn(await takeTimes(5))).toBe(0)
      expect(await counter.isFull('ann')).toBe(true)
      await world.pass(10_001)
      expect(await counter.isFull('ann')).toBe(false)
    })
  })
}
