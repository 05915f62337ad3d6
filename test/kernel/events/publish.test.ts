import { expect, test } from 'vitest'
import { systemClock } from '#kernel/clock.ts'
import { transactional } from '#kernel/db/database.ts'
import { EventRow } from '#kernel/events/event-row.ts'
import { EventTopic } from '#kernel/events/event-topic.ts'
import { createEvents } from '#kernel/events/events.ts'
import { FROM_BEGINNING } from '#kernel/events/resume.ts'
import { createRingFront } from '#kernel/events/ring-front.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { createLog } from '#kernel/log.ts'
import { TEST_CURSORS } from '../../kit/cursors.ts'
import { openSqlite } from '../../kit/database.ts'
import { moved, startProcess, take } from './feed-kit.ts'

const openDatabase = () => openSqlite([EventTopic, EventRow])

test('publishing outside a transaction is refused and writes nothing', async () => {
  await using database = await openDatabase()
  await using process = startProcess(database, createRingFront())
  const publishing = process.events.publish(database.acrossTenants(), moved('odds', 1))
  await expect(publishing).rejects.toThrow('inside a transaction')
  expect(await database.acrossTenants().count(EventRow)).toBe(0)
})

test.each([
  ['a topic with a space', { topic: 'odds of 1', type: 'moved', payload: {} }],
  ['a topic of 101 characters', { topic: 'a'.repeat(101), type: 'moved', payload: {} }],
  ['an empty type', { topic: 'odds', type: '', payload: {} }],
  ['no payload', { topic: 'odds', type: 'moved', payload: undefined }],
  ['a payload over 64 kB', { topic: 'odds', type: 'moved', payload: 'x'.repeat(65_536) }],
])('%s is refused with EVENT_INVALID, and the transaction with it', async (_case, event) => {
  await using database = await openDatabase()
  await using process = startProcess(database, createRingFront())
  const publishing = process.publish([moved('odds', 1), event])
  await expect(publishing).rejects.toMatchObject({ code: 'EVENT_INVALID' })
  expect(await database.acrossTenants().count(EventRow)).toBe(0)
})

test('a payload arrives as JSON keeps it, by the front and by the table', async () => {
  await using database = await openDatabase()
  await using process = startProcess(database, createRingFront())
  const signal = new AbortController().signal
  const live = await process.events.open('odds', { signal })
  const payload = { at: new Date(0), none: undefined, list: [1, null], text: 'Straße 🏟' }
  await process.publish({ topic: 'odds', type: 'moved', payload })
  await using elsewhere = startProcess(database, createRingFront())
  const history = elsewhere.events.subscribe('odds', { after: FROM_BEGINNING, signal })
  const expected = { at: '1970-01-01T00:00:00.000Z', list: [1, null], text: 'Straße 🏟' }
  const [[first], [second]] = [await take(live, 1), await take(history, 1)]
  expect(first?.payload).toEqual(expected)
  expect(second).toEqual(first)
})

test("a publisher's own pending changes are neither written early nor lost", async () => {
  await using database = await openDatabase()
  await using process = startProcess(database, createRingFront())
  await transactional(database.acrossTenants(), async (tx) => {
    tx.persist(tx.create(EventTopic, { topic: 'mine', epoch: 'e', lastSeq: 0, firstSeq: 1 }))
    await process.events.publish(tx, moved('odds', 1))
    expect(tx.getUnitOfWork().getPersistStack().size).toBe(1)
  })
  expect(await database.acrossTenants().count(EventTopic)).toBe(2)
})

test('a front that takes nothing is said once for a row of commits, and so is its return', async () => {
  await using database = await openDatabase()
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  const log = createLog({ level: 'info', name: 'test', destination })
  let isGone = true
  const ring = createRingFront()
  const announce = async () => (isGone ? Promise.reject(new Error('the front is gone')) : undefined)
  const front = { ...ring, announce }
  const deps = {
    database,
    front,
    clock: systemClock,
    randomness: systemRandomness,
    log,
    cursors: TEST_CURSORS,
  }
  const events = createEvents(deps)
  const publish = () =>
    transactional(database.acrossTenants(), (tx) => events.publish(tx, moved('odds', 1)))
  for (const isGoneThen of [true, true, false, false]) {
    isGone = isGoneThen
    await publish()
  }
  await events.close()
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 40, msg: 'committed events wait for the poller', topic: 'odds' },
    { level: 30, msg: 'committed events are announced again', failures: 2 },
  ])
})
