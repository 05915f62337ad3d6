import { test } from 'vitest'
import { transactional } from '#kernel/db/database.ts'
import { EventRow } from '#kernel/events/event-row.ts'
import { EventTopic } from '#kernel/events/event-topic.ts'
import { createRingFront } from '#kernel/events/ring-front.ts'
import { moved, startProcess } from '../kernel/events/feed-kit.ts'
import { describeEventFront } from '../kernel/events/front-suite.ts'
import { createGate } from '../kernel/jobs/job-kit.ts'
import { openMariadb } from '../kit/database.ts'

describeEventFront('the ring on MariaDB', {
  openDatabase: (entities) => openMariadb(entities),
  createFront: () => createRingFront(),
  runs: 15,
})

test('an open transaction on one new topic does not keep others from opening theirs', async () => {
  await using database = await openMariadb([EventTopic, EventRow])
  await using process = startProcess(database, createRingFront())
  const [written, finish] = [createGate(), createGate()]
  const slow = transactional(database.acrossTenants(), async (tx) => {
    await process.events.publish(tx, moved('odds:1', 1))
    written.resolve()
    await finish.promise
  })
  await written.promise
  for (const topic of ['odds:0', 'odds:2']) await process.publish(moved(topic, 1))
  finish.resolve()
  await slow
})
