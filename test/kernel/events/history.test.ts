import { expect, test } from 'vitest'
import { createManualClock } from '#kernel/clock.ts'
import { deleteWhere, updateWhere } from '#kernel/db/conditional-writes.ts'
import { transactional } from '#kernel/db/database.ts'
import { EventRow } from '#kernel/events/event-row.ts'
import { EventTopic } from '#kernel/events/event-topic.ts'
import { createEvents } from '#kernel/events/events.ts'
import { renewEpochs } from '#kernel/events/renew-epochs.ts'
import { FROM_BEGINNING } from '#kernel/events/resume.ts'
import { createRingFront } from '#kernel/events/ring-front.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { TEST_CURSORS } from '../../kit/cursors.ts'
import { openSqlite, silentLog, type TestDatabase } from '../../kit/database.ts'
import { cursorOf, moved, pricesOf, startProcess, take } from './feed-kit.ts'

const forever = new AbortController().signal
const TOPIC = 'odds:1'
const openDatabase = () => openSqlite([EventTopic, EventRow])
const tinyRing = () => createRingFront({ eventsPerTopic: 1 })

async function publishNumbered(database: TestDatabase, count: number) {
  await using process = startProcess(database, createRingFront())
  const prices = Array.from({ length: count }, (_, index) => index + 1)
  return process.publish(prices.map((price) => moved(TOPIC, price)))
}

const cursorAt = (stored: readonly { cursor: string }[], seq: number) =>
  stored[seq - 1]?.cursor ?? ''

test('a cursor resumes after its event, in another process too', async () => {
  await using database = await openDatabase()
  const stored = await publishNumbered(database, 5)
  await using process = startProcess(database, createRingFront())
  const options = { after: cursorAt(stored, 3), signal: forever }
  expect(pricesOf(await take(process.events.subscribe(TOPIC, options), 2))).toEqual([4, 5])
})

test.each([
  ['a text that is none', 'CURSOR_INVALID', 'not a cursor'],
  ['an empty text', 'CURSOR_INVALID', ''],
  ['5 kB', 'CURSOR_INVALID', 'A'.repeat(5_000)],
  [
    'a time before they were signed',
    'CURSOR_EXPIRED',
    Buffer.from('epoch.1.AAAAAAAAAAA').toString('base64url'),
  ],
  ['another feed', 'CURSOR_FOREIGN', cursorOf('odds:2', { epoch: 'epoch', seq: 1 })],
  ['another epoch', 'CURSOR_EXPIRED', cursorOf(TOPIC, { epoch: 'another', seq: 1 })],
])('a cursor of %s is refused with %s', async (_case, code, after) => {
  await using database = await openDatabase()
  await publishNumbered(database, 2)
  await using process = startProcess(database, createRingFront())
  const options = { after, signal: forever }
  await expect(process.events.open(TOPIC, options)).rejects.toMatchObject({ code })
  await expect(process.events.subscribe(TOPIC, options).next()).rejects.toMatchObject({ code })
})

test('a cursor of a topic that never was has expired', async () => {
  await using database = await openDatabase()
  await using process = startProcess(database, createRingFront())
  const options = { after: cursorOf(TOPIC, { epoch: 'e', seq: 0 }), signal: forever }
  await expect(process.events.open(TOPIC, options)).rejects.toMatchObject({
    code: 'CURSOR_EXPIRED',
  })
})

test('a cursor ahead of the feed is of a history that was lost', async () => {
  await using database = await openDatabase()
  const [first] = await publishNumbered(database, 1)
  await using process = startProcess(database, createRingFront())
  const after = cursorOf(TOPIC, { epoch: first?.epoch ?? '', seq: 2 })
  const refused = process.events.open(TOPIC, { after, signal: forever })
  await expect(refused).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' })
})

test('trimming keeps what is young, expires older cursors and leaves the edge valid', async () => {
  await using database = await openDatabase()
  const clock = createManualClock(new Date('2026-03-01T12:00:00Z'))
  const front = createRingFront()
  const randomness = systemRandomness
  const events = createEvents({
    database,
    front,
    clock,
    randomness,
    log: silentLog,
    cursors: TEST_CURSORS,
  })
  const publish = async (price: number) => {
    const [event] = await transactional(database.acrossTenants(), (tx) =>
      events.publish(tx, moved(TOPIC, price)),
    )
    clock.advance(60_000)
    return event ? cursorOf(TOPIC, event) : ''
  }
  const cursors = [await publish(1), await publish(2), await publish(3), await publish(4)]
  expect(await events.trim(TOPIC, new Date('2026-03-01T12:02:00Z'))).toBe(2)
  expect(await events.trim(TOPIC, new Date('2026-03-01T12:02:00Z'))).toBe(0)

  const from = (after: string | undefined) => events.open(TOPIC, { after, signal: forever })
  await expect(from(cursors[0])).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' })
  expect(pricesOf(await take(await from(cursors[1]), 2))).toEqual([3, 4])
  expect(pricesOf(await take(await from(FROM_BEGINNING), 2))).toEqual([3, 4])

  expect(await events.trim(TOPIC, clock.now())).toBe(2)
  await publish(5)
  expect(pricesOf(await take(await from(cursors[3]), 1))).toEqual([5])
  expect(await events.trim('never:was', clock.now())).toBe(0)
  await events.close()
})

test('a subscriber overtaken by trimming is told what it missed', async () => {
  await using database = await openDatabase()
  await using process = startProcess(database, tinyRing(), { bufferLimit: 2 })
  const stream = await process.events.open(TOPIC, { signal: forever })
  for (const price of [1, 2, 3, 4, 5]) await process.publish(moved(TOPIC, price))
  await process.events.trim(TOPIC, new Date(Date.now() + 60_000))
  await process.publish(moved(TOPIC, 6))
  await expect(stream.next()).rejects.toMatchObject({
    code: 'EVENTS_MISSED',
    extensions: { topic: TOPIC, from: 1, to: 5 },
  })
  expect(await stream.next()).toEqual({ done: true, value: undefined })
})

test('a row that vanished from the middle is reported, after all before it was delivered', async () => {
  await using database = await openDatabase()
  await publishNumbered(database, 4)
  await deleteWhere(database.acrossTenants(), EventRow, { topic: TOPIC, seq: 3 })
  await using process = startProcess(database, createRingFront())
  const stream = process.events.subscribe(TOPIC, { after: FROM_BEGINNING, signal: forever })
  expect((await stream.next()).value?.seq).toBe(1)
  expect((await stream.next()).value?.seq).toBe(2)
  await expect(stream.next()).rejects.toMatchObject({
    code: 'EVENTS_MISSED',
    extensions: { from: 3, to: 3 },
  })
})

test('rows that vanished at the end are reported to whoever waits for them', async () => {
  await using database = await openDatabase()
  await using process = startProcess(database, createRingFront())
  const stream = await process.events.open(TOPIC, { signal: forever })
  const reading = stream.next()
  await publishElsewhere(database, 2)
  await expect(reading).rejects.toMatchObject({
    code: 'EVENTS_MISSED',
    extensions: { from: 1, to: 2 },
  })
})

test('a topic that starts again from nothing ends its streams with EVENTS_MISSED', async () => {
  await using database = await openDatabase()
  await publishNumbered(database, 3)
  await using process = startProcess(database, createRingFront())
  const stream = await process.events.open(TOPIC, { signal: forever })
  await updateWhere(database.acrossTenants(), EventTopic, {
    where: { topic: TOPIC },
    set: { epoch: 'restored', lastSeq: 1 },
  })
  await expect(stream.next()).rejects.toMatchObject({ code: 'EVENTS_MISSED' })
})

/** A database as a backup after three of five events holds it, and what the two others were called. */
async function restoredDatabase() {
  const database = await openDatabase()
  const stored = await publishNumbered(database, 5)
  await deleteWhere(database.acrossTenants(), EventRow, { topic: TOPIC, seq: { $gt: 3 } })
  await updateWhere(database.acrossTenants(), EventTopic, {
    where: { topic: TOPIC },
    set: { lastSeq: 3 },
  })
  return { database, before: cursorAt(stored, 3), lost: cursorAt(stored, 4) }
}

test('in a restored database a cursor names other events than it was given out for', async () => {
  const { database, lost } = await restoredDatabase()
  await using process = startProcess(database, createRingFront())
  await process.publish([60, 70].map((price) => moved(TOPIC, price)))
  const stream = process.events.subscribe(TOPIC, { after: lost, signal: forever })
  expect(pricesOf(await take(stream, 1))).toEqual([70])
  await database.close()
})

test('once its epochs are renewed it refuses every cursor from before, and keeps the history under new ones', async () => {
  const { database, before, lost } = await restoredDatabase()
  await using process = startProcess(database, createRingFront())
  const open = await process.events.open(TOPIC, { signal: forever })
  expect(await renewEpochs(database, systemRandomness)).toBe(1)
  await expect(open.next()).rejects.toMatchObject({ code: 'EVENTS_MISSED' })
  await process.publish([60, 70].map((price) => moved(TOPIC, price)))
  const from = (after: string) => process.events.open(TOPIC, { after, signal: forever })
  for (const cursor of [before, lost]) {
    await expect(from(cursor)).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' })
  }
  const all = await take(await from(FROM_BEGINNING), 5)
  expect(pricesOf(all)).toEqual([1, 2, 3, 60, 70])
  expect(pricesOf(await take(await from(cursorAt(all, 4)), 1))).toEqual([70])
  await database.close()
})

/** Two events whose rows are gone by the time anybody reads them. */
async function publishElsewhere(database: TestDatabase, count: number) {
  const mute = { ...createRingFront(), announce: async () => {} }
  await using process = startProcess(database, mute)
  await transactional(database.acrossTenants(), async (tx) => {
    const prices = Array.from({ length: count }, (_, index) => moved(TOPIC, index))
    await process.events.publish(tx, prices)
    await deleteWhere(tx, EventRow, { topic: TOPIC })
  })
}
