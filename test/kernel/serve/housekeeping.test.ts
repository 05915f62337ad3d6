import { expect, test } from 'vitest'
import { createAudit } from '#kernel/audit/audit.ts'
import { createInbox } from '#kernel/audit/inbox.ts'
import { InboxRow } from '#kernel/audit/inbox-row.ts'
import { createOutbox } from '#kernel/audit/outbox.ts'
import { OutboxRow } from '#kernel/audit/outbox-row.ts'
import { createRelay } from '#kernel/audit/relay.ts'
import { createManualClock } from '#kernel/clock.ts'
import { transactional } from '#kernel/db/database.ts'
import { EventRow } from '#kernel/events/event-row.ts'
import { EventTopic } from '#kernel/events/event-topic.ts'
import { createEvents } from '#kernel/events/events.ts'
import { createRingFront } from '#kernel/events/ring-front.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { createHousekeeping } from '#kernel/serve/housekeeping.ts'
import { KERNEL_ENTITIES } from '#kernel/service/kernel-entities.ts'
import type { SubgraphDeps } from '#kernel/service/subgraph.ts'
import { TEST_CLIENT_SEAL } from '../../kit/client-seal.ts'
import { TEST_CURSORS } from '../../kit/cursors.ts'
import { openSqlite, silentLog } from '../../kit/database.ts'

const DAY_MS = 86_400_000

test('what is old and done is forgotten; what is young or unsent stays', async () => {
  await using database = await openSqlite(KERNEL_ENTITIES)
  const clock = createManualClock(new Date('2026-01-01T00:00:00Z'))
  const randomness = systemRandomness
  const front = createRingFront()
  const events = createEvents({
    database,
    front,
    clock,
    randomness,
    log: silentLog,
    cursors: TEST_CURSORS,
  })
  const outbox = createOutbox({ clock, randomness })
  const inbox = createInbox({ clock })
  const relay = createRelay({ database, receivers: {}, clock, randomness, log: silentLog })
  const write = (name: string) =>
    transactional(database.acrossTenants(), async (tx) => {
      await inbox.acceptOnce(tx, { caller: 'tenancy', key: name }, async () => {})
      await outbox.send(tx, { receiver: 'audit', kind: name, aggregate: name, payload: {} })
      await events.publish(tx, { topic: 'odds', type: name, payload: {} })
    })
  await write('old')
  clock.advance(61 * DAY_MS)
  await write('young')
  const deps = {
    database,
    events,
    clock,
    audit: createAudit({ clock, randomness, clientSeal: TEST_CLIENT_SEAL }),
  }
  const { handlersOf, schedule } = createHousekeeping(deps as unknown as SubgraphDeps, relay)
  const pruned: Date[] = []
  const handler = handlersOf(async (endedBefore) => pruned.push(endedBefore))[schedule.kind]
  const signal = new AbortController().signal
  const steps: number[] = []
  const progress = async (done: number) => void steps.push(done)
  await handler?.({ payload: null, signal, attempt: 1, progress })

  const em = database.acrossTenants()
  expect((await em.findAll(EventRow)).map(({ type }) => type)).toEqual(['young'])
  expect((await em.findAll(InboxRow)).map(({ key }) => key)).toEqual(['young'])
  expect((await em.findAll(OutboxRow)).map(({ kind }) => kind)).toEqual(['old', 'young'])
  expect(pruned).toEqual([new Date(clock.now().getTime() - 30 * DAY_MS)])
  expect(steps).toEqual([1, 2, 3, 4])
  await events.close()
  await front.close()
})

test('of more topics than one page each is trimmed, and none begins again', async () => {
  await using database = await openSqlite(KERNEL_ENTITIES)
  const clock = createManualClock(new Date('2026-01-01T00:00:00Z'))
  const randomness = systemRandomness
  const front = createRingFront()
  const events = createEvents({
    database,
    front,
    clock,
    randomness,
    log: silentLog,
    cursors: TEST_CURSORS,
  })
  const relay = createRelay({ database, receivers: {}, clock, randomness, log: silentLog })
  const topics = Array.from({ length: 201 }, (_, at) => `portfolio:${at + 1}`)
  const publish = (some: readonly string[]) =>
    transactional(database.acrossTenants(), (tx) =>
      events.publish(
        tx,
        some.map((topic) => ({ topic, type: 'balance', payload: {} })),
      ),
    )
  await publish(topics)
  const em = () => database.acrossTenants()
  const epochOf = async (topic: string) => (await em().findOneOrFail(EventTopic, { topic })).epoch
  const epoch = await epochOf('portfolio:7')
  clock.advance(15 * DAY_MS)
  await publish(['portfolio:7'])
  const deps = { database, events, clock }
  const { handlersOf, schedule } = createHousekeeping(deps as unknown as SubgraphDeps, relay)
  const signal = new AbortController().signal
  const progress = async () => {}
  await handlersOf(async () => 0)[schedule.kind]?.({ payload: null, signal, attempt: 1, progress })
  const left = await em().findAll(EventRow)
  expect(left.map(({ topic, seq }) => [topic, seq])).toEqual([['portfolio:7', 2]])
  expect(await em().count(EventTopic, {})).toBe(201)
  const [next] = await publish(['portfolio:1'])
  expect(next?.seq).toBe(2)
  expect(await epochOf('portfolio:7')).toBe(epoch)
  await events.close()
  await front.close()
})
