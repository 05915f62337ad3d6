import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { updateWhere } from '#kernel/db/conditional-writes.ts'
import { EventRow } from '#kernel/events/event-row.ts'
import { EventTopic } from '#kernel/events/event-topic.ts'
import type { EventFront } from '#kernel/events/front.ts'
import type { TestDatabase } from '../../kit/database.ts'
import { cursorOf, moved, pricesOf, startProcess, take } from './feed-kit.ts'

export type ResumeUnderTest = {
  openDatabase: (entities: [typeof EventTopic, typeof EventRow]) => Promise<TestDatabase>
  createFront: () => EventFront
}

const forever = new AbortController().signal

/** What every feed tells those who come back, whatever stands in front of the table. */
export function describeResume(name: string, { openDatabase, createFront }: ResumeUnderTest) {
  describe(name, () => {
    let database: TestDatabase
    let topics = 0
    beforeAll(async () => {
      database = await openDatabase([EventTopic, EventRow])
    })
    afterAll(() => database[Symbol.asyncDispose]())

    /** Two processes with one feed of three events. */
    async function openPair() {
      const topic = `resume:${++topics}`
      const here = startProcess(database, createFront())
      const there = startProcess(database, createFront())
      const events = await here.publish([1, 2, 3].map((price) => moved(topic, price)))
      const forget = () =>
        updateWhere(database.acrossTenants(), EventTopic, {
          where: { topic },
          set: { firstSeq: 3 },
        })
      const close = async () => {
        await here.events.close()
        await there.events.close()
      }
      return { topic, here, there, events, forget, [Symbol.asyncDispose]: close }
    }

    test('two subscribers of two processes get the same bytes for the same event, from history and live', async () => {
      await using pair = await openPair()
      const { topic, here, there, events } = pair
      const after = events[0]?.cursor
      const streams = await Promise.all(
        [here, there].map((process) => process.events.open(topic, { after, signal: forever })),
      )
      const more = await here.publish(moved(topic, 4))
      const told = await Promise.all(streams.map((stream) => take(stream, 3)))
      const expected = [...events.slice(1), ...more].map(({ cursor }) => cursor)
      for (const taken of told) expect(taken.map(({ cursor }) => cursor)).toEqual(expected)
    })

    test('who would go on in any case hears on the first event alone that nothing is missing', async () => {
      await using pair = await openPair()
      const { topic, there, events } = pair
      const after = { after: events[0]?.cursor ?? '', orLive: true } as const
      const stream = there.events.subscribe(topic, { after, signal: forever })
      const [second, third] = await take(stream, 2)
      expect(second).toEqual({ ...events[1], recovered: true })
      expect(third).toEqual(events[2])
    })

    test('when the history is gone it goes on live, and says of the first event what is before it', async () => {
      await using pair = await openPair()
      const { topic, here, there, events, forget } = pair
      await forget()
      const cursor = events[0]?.cursor ?? ''
      const plain = there.events.open(topic, { after: cursor, signal: forever })
      await expect(plain).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' })
      const after = { after: cursor, orLive: true } as const
      const stream = await there.events.open(topic, {
        after,
        signal: forever,
        filter: ({ payload }) => (payload as { price: number }).price !== 4,
      })
      await here.publish([4, 5, 6].map((price) => moved(topic, price)))
      const taken = await take(stream, 2)
      expect(pricesOf(taken)).toEqual([5, 6])
      expect(taken.map(({ recovered }) => recovered)).toEqual([false, undefined])
    })

    test.each([
      ['from before they were signed', Buffer.from('e.1.AAAAAAAAAAA').toString('base64url')],
      ['of another life of the feed', 'another epoch'],
      ['ahead of the feed', 'ahead'],
    ])(
      'a cursor %s is a hole, not a refusal, to who would go on in any case',
      async (_case, given) => {
        await using pair = await openPair()
        const { topic, here, there, events } = pair
        const epoch = events[0]?.epoch ?? ''
        const known: Record<string, string> = {
          'another epoch': cursorOf(topic, { epoch: 'another', seq: 1 }),
          ahead: cursorOf(topic, { epoch, seq: 9 }),
        }
        const after = { after: known[given] ?? given, orLive: true } as const
        const stream = await there.events.open(topic, { after, signal: forever })
        await here.publish(moved(topic, 4))
        expect(await take(stream, 1)).toMatchObject([{ payload: { price: 4 }, recovered: false }])
      },
    )

    test('forged and foreign cursors are refused also to who would go on in any case', async () => {
      await using pair = await openPair()
      const { topic, there, events } = pair
      const codeFor = async (after: string, tenantId: string | null = null) => {
        const options = { after: { after, orLive: true } as const, tenantId, signal: forever }
        return there.events.open(topic, options).then(
          () => 'opened',
          ({ code }: { code: string }) => code,
        )
      }
      const cursor = events[0]?.cursor ?? ''
      expect(await codeFor(cursor)).toBe('opened')
      expect(await codeFor(`${cursor}A`)).toBe('CURSOR_INVALID')
      expect(await codeFor(cursorOf('resume:other', { epoch: 'e', seq: 1 }))).toBe('CURSOR_FOREIGN')
      expect(await codeFor(cursor, '7')).toBe('CURSOR_FOREIGN')
    })

    test('of a feed that never was, another tenant’s cursor is told the same as of one that is', async () => {
      await using pair = await openPair()
      const { topic, there, events } = pair
      const options = { after: events[0]?.cursor, tenantId: '8', signal: forever }
      for (const asked of [topic, 'resume:never'])
        await expect(there.events.open(asked, options)).rejects.toMatchObject({
          code: 'CURSOR_FOREIGN',
          extensions: { code: 'CURSOR_FOREIGN' },
        })
    })

    test('the beginning says nothing of what was recovered: nobody was here before', async () => {
      await using pair = await openPair()
      const after = { after: 'beginning', orLive: true } as const
      const stream = await pair.there.events.open(pair.topic, { after, signal: forever })
      expect(await take(stream, 3)).toEqual(pair.events)
    })
  })
}
