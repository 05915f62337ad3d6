import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { gatewayError } from '#gateway/errors.ts'
import { createProducer, cursorOf, type Producer, settle } from './desk.ts'
import { createDesk, MOVED } from './desk-followers.ts'

let producer: Producer
beforeEach(() => {
  producer = createProducer()
})

describe('going on from a cursor', () => {
  test('joins whoever reads the same from there on, without another stream', async () => {
    const { subscribe } = createDesk(producer)
    subscribe(MOVED)
    await settle()
    for (const odds of [1, 2, 3]) producer.happen('a', odds)
    await settle()
    const back = subscribe(MOVED, { resume: cursorOf(1) })
    await settle()
    producer.happen('a', 4)
    await settle()
    expect(back.odds()).toEqual([2, 3, 4])
    expect(producer.opened).toHaveLength(1)
  })

  test('from before what is at hand reads a stream of its own, and joins where the two meet', async () => {
    for (let odds = 1; odds <= 20; odds++) producer.happen('a', odds)
    const { subscribe } = createDesk(producer)
    const live = subscribe(MOVED)
    await settle()
    const back = subscribe(MOVED, { resume: cursorOf(15) })
    await settle()
    expect(back.odds()).toEqual([16, 17, 18, 19, 20])
    expect(producer.listeners.size).toBe(2)
    producer.happen('a', 21)
    await settle()
    expect(producer.listeners.size).toBe(1)
    for (const odds of [22, 23]) producer.happen('a', odds)
    await settle()
    expect(back.odds()).toEqual([16, 17, 18, 19, 20, 21, 22, 23])
    expect(live.odds()).toEqual([21, 22, 23])
  })

  test('many with the same cursor share the stream from there', async () => {
    for (let odds = 1; odds <= 5; odds++) producer.happen('a', odds)
    const { subscribe } = createDesk(producer)
    const all = Array.from({ length: 10 }, () => subscribe(MOVED, { resume: cursorOf(5) }))
    await settle()
    producer.happen('a', 6)
    await settle()
    expect(producer.opened).toHaveLength(1)
    for (const { odds } of all) expect(odds()).toEqual([6])
  })

  test('for any cuts: the log of each subscriber is the log of the producer, no gap, no double', async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.tuple(fc.constant('happen'), fc.integer({ min: 1, max: 4 })) },
      { weight: 3, arbitrary: fc.tuple(fc.constant('cut'), fc.nat(5)) },
      { weight: 3, arbitrary: fc.tuple(fc.constant('back'), fc.nat(5)) },
      { weight: 1, arbitrary: fc.tuple(fc.constant('break'), fc.nat(0)) },
      { weight: 2, arbitrary: fc.tuple(fc.constant('rest'), fc.integer({ min: 1, max: 30 })) },
    )
    let mostStreams = 0
    const run = async (steps: [string, number][], events: number) => {
      const source = createProducer()
      source.happen('a', 0)
      const bounds = { events, reopenMs: 2000, firstDelayMs: 1, longestDelayMs: 1 }
      const { subscribe } = createDesk(source, bounds)
      const logs: unknown[][] = Array.from({ length: 6 }, () => [])
      const running = new Map<number, ReturnType<typeof subscribe>>()
      const start = (who: number) => {
        const resume = cursorOf(1 + (logs[who]?.length ?? 0))
        if (!running.has(who)) running.set(who, subscribe(MOVED, { resume }))
      }
      const stop = async (who: number) => {
        const one = running.get(who)
        running.delete(who)
        await one?.leave()
        const events = one?.seen.filter(({ data }) => data) ?? []
        logs[who]?.push(...events.map(({ data }) => data.moved?.odds))
      }
      let odds = 0
      const act: Record<string, (value: number) => unknown> = {
        happen: (count) => {
          for (let one = 0; one < count; one++) source.happen('a', ++odds)
        },
        cut: stop,
        back: start,
        break: () => source.cut(gatewayError('SUBGRAPH_UNREACHABLE', { subgraph: 'desk' })),
        rest: (turns) => settle(turns),
      }
      for (const who of logs.keys()) start(who)
      for (const [kind, value] of steps) {
        await act[kind]?.(value)
        await settle(1)
      }
      // Whoever was let go as too slow comes back, as clients do.
      const isWhole = async () => {
        for (const who of logs.keys()) {
          if (running.get(who)?.state.isEnded) await stop(who)
          start(who)
        }
        await settle(5)
        return [...running].every(
          ([who, one]) => (logs[who]?.length ?? 0) + one.odds().length >= odds,
        )
      }
      await expect.poll(isWhole, { interval: 1, timeout: 5000 }).toBe(true)
      for (const who of logs.keys()) await stop(who)
      mostStreams = Math.max(mostStreams, source.mostListeners())
      const produced = Array.from({ length: odds }, (_, index) => index + 1)
      for (const log of logs) expect(log).toEqual(produced)
    }
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 5, maxLength: 40 }),
        fc.constantFrom(2, 3, 5, 1000),
        run,
      ),
      { numRuns: 150 },
    )
    // Streams met.
    expect(mostStreams).toBeGreaterThan(2)
  }, 60_000)
})
