import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EventRow } from '#kernel/events/event-row.ts'
import { EventTopic } from '#kernel/events/event-topic.ts'
import type { EventFront } from '#kernel/events/front.ts'
import { FROM_BEGINNING } from '#kernel/events/resume.ts'
import type { LiveEvent, StoredEvent } from '#kernel/events/stored-event.ts'
import type { TestDatabase } from '../../kit/database.ts'
import { moved, type Process, pricesOf, startProcess, take } from './feed-kit.ts'

export type FrontUnderTest = {
  openDatabase: (entities: [typeof EventTopic, typeof EventRow]) => Promise<TestDatabase>
  /** A front as one process holds it. */
  createFront: () => EventFront
  /** Runs of each property. */
  runs: number
}

const forever = new AbortController().signal
const ascending = (count: number, first = 1) => Array.from({ length: count }, (_, i) => first + i)

type Plan = { publishers: boolean[][]; cuts: number[]; bufferLimit: number }

const plans: fc.Arbitrary<Plan> = fc.record({
  // One list per publisher, one entry per transaction: whether it commits.
  publishers: fc.array(fc.array(fc.boolean(), { maxLength: 12 }), { minLength: 1, maxLength: 4 }),
  // How many events each connection of a subscriber lasts.
  cuts: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 6 }),
  bufferLimit: fc.integer({ min: 1, max: 4 }),
})

/** Reads a topic to its `total`-th event over many short connections, each resumed by cursor. */
async function readInPieces(processes: Process[], topic: string, plan: Plan & { total: number }) {
  const received: LiveEvent[] = []
  for (let round = 0; received.length < plan.total; round++) {
    const lasting = plan.cuts[round % plan.cuts.length] ?? 1
    const { events } = processes[round % processes.length] as Process
    const after = received.at(-1)?.cursor ?? FROM_BEGINNING
    const connection = new AbortController()
    const stream = events.subscribe(topic, { after, signal: connection.signal })
    received.push(...(await take(stream, Math.min(lasting, plan.total - received.length))))
    connection.abort()
  }
  return received
}

async function publishAll(process: Process, topic: string, commits: readonly boolean[]) {
  const published: LiveEvent[] = []
  for (const [index, isCommitted] of commits.entries()) {
    if (isCommitted) published.push(...(await process.publish(moved(topic, index))))
    else await process.publishInVain(moved(topic, index))
  }
  return published
}

/** What every front must keep true, whatever it is made of: run it with each. */
export function describeEventFront(
  name: string,
  { openDatabase, createFront, runs }: FrontUnderTest,
) {
  describe(`feeds over ${name}`, () => {
    let database: TestDatabase
    let topics = 0
    const newTopic = () => `odds:${++topics}`
    beforeAll(async () => {
      database = await openDatabase([EventTopic, EventRow])
    })
    afterAll(() => database[Symbol.asyncDispose]())

    test('what is committed arrives, numbered from 1, and what is rolled back leaves no trace', async () => {
      await using process = startProcess(database, createFront())
      const topic = newTopic()
      const stream = await process.events.open(topic, { signal: forever })
      await process.publish(moved(topic, 10))
      await process.publishInVain(moved(topic, 11))
      await process.publish([moved(topic, 12), moved(topic, 13)])
      const received = await take(stream, 3)
      expect(pricesOf(received)).toEqual([10, 12, 13])
      expect(received.map(({ seq }) => seq)).toEqual([1, 2, 3])
    })

    test('another topic is not heard', async () => {
      await using process = startProcess(database, createFront())
      const [mine, other] = [newTopic(), newTopic()]
      const stream = await process.events.open(mine, { signal: forever })
      await process.publish([moved(other, 1), moved(mine, 2)])
      expect(pricesOf(await take(stream, 1))).toEqual([2])
    })

    test('history and live news join without gap or double', async () => {
      await using process = startProcess(database, createFront(), { bufferLimit: 7 })
      const topic = newTopic()
      await process.publish(ascending(40).map((price) => moved(topic, price)))
      const stream = process.events.subscribe(topic, { after: FROM_BEGINNING, signal: forever })
      const reading = take(stream, 80)
      for (const price of ascending(40, 41)) await process.publish(moved(topic, price))
      expect(pricesOf(await reading)).toEqual(ascending(80))
    })

    test('a filter passes events over without losing the place', async () => {
      await using process = startProcess(database, createFront())
      const topic = newTopic()
      const isEven = ({ seq }: StoredEvent) => seq % 2 === 0
      const options = { after: FROM_BEGINNING, signal: forever, filter: isEven }
      const stream = await process.events.open(topic, options)
      for (const price of ascending(6)) await process.publish(moved(topic, price))
      expect(pricesOf(await take(stream, 3))).toEqual([2, 4, 6])
    })

    test('a slow subscriber loses its buffer, is counted, and misses nothing', async () => {
      const overflows: { topic: string; dropped: number }[] = []
      const onOverflow = (overflow: { topic: string; dropped: number }) => overflows.push(overflow)
      await using process = startProcess(database, createFront(), { bufferLimit: 5, onOverflow })
      const topic = newTopic()
      const slow = await process.events.open(topic, { signal: forever })
      const quick = await process.events.open(topic, { signal: forever })
      for (const price of ascending(30)) {
        await process.publish(moved(topic, price))
        await quick.next()
      }
      expect(overflows).toEqual([{ topic, dropped: 6 }])
      expect(pricesOf(await take(slow, 30))).toEqual(ascending(30))
    })

    test('events of a process that died before announcing them arrive all the same', async () => {
      const dead = createFront()
      await using process = startProcess(database, createFront())
      const topic = newTopic()
      const stream = await process.events.open(topic, { signal: forever })
      await using dying = startProcess(database, { ...dead, announce: async () => {} })
      await dying.publish([moved(topic, 1), moved(topic, 2)])
      expect(pricesOf(await take(stream, 2))).toEqual([1, 2])
      await process.publish(moved(topic, 3))
    })

    test('an announcement that failed does not undo its commit, and the event arrives', async () => {
      const broken = async () => Promise.reject(new Error('the front is gone'))
      await using process = startProcess(database, { ...createFront(), announce: broken })
      const topic = newTopic()
      const stream = await process.events.open(topic, { signal: forever })
      await process.publish(moved(topic, 1))
      expect(pricesOf(await take(stream, 1))).toEqual([1])
    })

    test('announcements out of order, repeated or lost are put right', async () => {
      const front = createFront()
      await using process = startProcess(database, front, { pollMilliseconds: 60_000 })
      const topic = newTopic()
      const stream = await process.events.open(topic, { signal: forever })
      const mute = { ...front, announce: async () => {}, close: async () => {} }
      await using silent = startProcess(database, mute)
      const stored = await silent.publish(ascending(5).map((price) => moved(topic, price)))
      const [first, second, , fourth, fifth] = stored as LiveEvent[]
      for (const event of [second, first, first, fifth, fourth, second]) {
        await front.announce([event as LiveEvent])
      }
      expect(pricesOf(await take(stream, 5))).toEqual(ascending(5))
    })

    test('an aborted stream ends, also while it waits', async () => {
      await using process = startProcess(database, createFront())
      const connection = new AbortController()
      const stream = await process.events.open(newTopic(), { signal: connection.signal })
      const waiting = stream.next()
      connection.abort()
      expect(await waiting).toEqual({ done: true, value: undefined })
    })

    test('return() ends a stream that waits', async () => {
      await using process = startProcess(database, createFront())
      const stream = await process.events.open(newTopic(), { signal: forever })
      const waiting = stream.next()
      await stream.return?.()
      expect(await waiting).toEqual({ done: true, value: undefined })
    })

    test('closing ends every stream and refuses new ones with EVENTS_CLOSED', async () => {
      await using process = startProcess(database, createFront())
      const topic = newTopic()
      const stream = await process.events.open(topic, { signal: forever })
      const waiting = stream.next()
      await process.events.close()
      expect(await waiting).toEqual({ done: true, value: undefined })
      const refused = process.events.open(topic, { signal: forever })
      await expect(refused).rejects.toMatchObject({ code: 'EVENTS_CLOSED' })
    })

    test('parallel publishers, rollbacks and subscribers cut at random: received is what was published', async () => {
      const property = fc.asyncProperty(plans, async (plan) => {
        const { bufferLimit } = plan
        const [shared, other] = [createFront(), createFront()]
        await using here = startProcess(database, shared, { bufferLimit })
        await using there = startProcess(database, other, { bufferLimit })
        const topic = newTopic()
        const total = plan.publishers.flat().filter(Boolean).length
        const steady = take(
          here.events.subscribe(topic, { after: FROM_BEGINNING, signal: forever }),
          total,
        )
        const inPieces = readInPieces([here, there], topic, { ...plan, total })
        const publishing = plan.publishers.map((commits, index) =>
          publishAll(index % 2 === 0 ? here : there, topic, commits),
        )
        const published = (await Promise.all(publishing)).flat().sort((a, b) => a.seq - b.seq)
        expect(published.map(({ seq }) => seq)).toEqual(ascending(total))
        expect(await steady).toEqual(published)
        expect(await inPieces).toEqual(published)
      })
      await fc.assert(property, { numRuns: runs })
    })
  })
}
