import { expect, test } from 'vitest'
import { createRingFront } from '#kernel/events/ring-front.ts'
import type { StoredEvent } from '#kernel/events/stored-event.ts'
import { openSqlite } from '../../kit/database.ts'
import { describeEventFront } from './front-suite.ts'

describeEventFront('the ring on SQLite', {
  openDatabase: (entities) => openSqlite(entities),
  createFront: () => createRingFront(),
  runs: 60,
})

const event = (seq: number): StoredEvent => ({
  topic: 'odds',
  epoch: 'e',
  seq,
  type: 'moved',
  payload: null,
  at: new Date(0),
})

test('the ring keeps the newest events of a topic and gives them in order', async () => {
  const ring = createRingFront({ eventsPerTopic: 3 })
  await ring.announce([event(2), event(1)])
  await ring.announce([event(4), event(3)])
  const recent = async (afterSeq: number, limit = 10) =>
    (await ring.recent?.('odds', { afterSeq, limit }))?.map(({ seq }) => seq)
  expect(await recent(2)).toEqual([3, 4])
  expect(await recent(2, 1)).toEqual([3])
  expect(await recent(4)).toEqual([])
  expect(await ring.recent?.('unknown', { afterSeq: 0, limit: 1 })).toEqual([])
})

test('a topic unused the longest is forgotten first', async () => {
  const ring = createRingFront({ topics: 1 })
  await ring.announce([event(1), { ...event(1), topic: 'scores' }])
  expect(await ring.recent?.('odds', { afterSeq: 0, limit: 1 })).toEqual([])
  expect(await ring.recent?.('scores', { afterSeq: 0, limit: 1 })).toHaveLength(1)
})

test('a listener hears its topic until it stops', async () => {
  const ring = createRingFront()
  const heard: number[] = []
  const stop = await ring.listen('odds', (events) => heard.push(...events.map(({ seq }) => seq)))
  await ring.announce([event(1), { ...event(9), topic: 'scores' }])
  stop()
  await ring.announce([event(2)])
  expect(heard).toEqual([1])
})
