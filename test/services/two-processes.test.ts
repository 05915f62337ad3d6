import { expect, test } from 'vitest'
import { InboxRow } from '#kernel/audit/inbox-row.ts'
import { createOutbox } from '#kernel/audit/outbox.ts'
import { OutboxLane } from '#kernel/audit/outbox-lane.ts'
import { OutboxRow } from '#kernel/audit/outbox-row.ts'
import { createRelay, type OutboxDelivery } from '#kernel/audit/relay.ts'
import { anonymousViewer } from '#kernel/auth/viewer.ts'
import { createManualClock, systemClock } from '#kernel/clock.ts'
import { newOperatorKeyText, parseOperatorKeys } from '#kernel/crypto/operator-key.ts'
import { type Database, transactional } from '#kernel/db/database.ts'
import { EventRow } from '#kernel/events/event-row.ts'
import { EventTopic } from '#kernel/events/event-topic.ts'
import { createEvents } from '#kernel/events/events.ts'
import { createRingFront } from '#kernel/events/ring-front.ts'
import { createGuildDeliveries } from '#kernel/guilds/guild-deliveries.ts'
import { GuildPlace } from '#kernel/guilds/guild-place.ts'
import { createSeededRandomness, systemRandomness } from '#kernel/ids.ts'
import { createInboxRoute } from '#kernel/serve/inbox-route.ts'
import type { InboxHandlers } from '#kernel/service/subgraph.ts'
import { SigningKey } from '#subgraphs/identity/entities/signing-key.ts'
import { createSigningKeys } from '#subgraphs/identity/services/signing-keys.ts'
import { assertOnceInOrder, RELAYED } from '../kernel/audit/two-relays-suite.ts'
import { createGate, waitFor } from '../kernel/jobs/job-kit.ts'
import { TEST_CURSORS } from '../kit/cursors.ts'
import { openMariadbTwice, silentLog } from '../kit/database.ts'

const deps = { clock: systemClock, randomness: systemRandomness }

test('two relays of one outbox, with answers lost, refused, late and receivers killed: once, in order', async () => {
  await using twice = await openMariadbTwice(RELAYED)
  await assertOnceInOrder([twice.left, twice.right], 6)
})

test('two relays that meet do not go on sending everything twice', async () => {
  await using twice = await openMariadbTwice([OutboxRow, OutboxLane])
  const [messages, batchLimit] = [200, 10]
  const outbox = createOutbox(deps)
  await transactional(twice.left.acrossTenants(), async (tx) => {
    for (let n = 0; n < messages; n++) {
      const message = { receiver: 'ai', kind: 'k', aggregate: `a:${n}`, payload: {} }
      await outbox.send(tx, { ...message, isFirst: true })
    }
  })
  let delivered = 0
  const deliver = async (rows: readonly OutboxDelivery[]) => {
    delivered += rows.length
    return rows.map(({ key }) => key)
  }
  const settings = { batchLimit, pollMilliseconds: 120_000 }
  const receivers = { ai: { deliver } }
  const relays = [twice.left, twice.right].map((database) =>
    createRelay({ database, receivers, log: silentLog, settings, ...deps }),
  )
  for (const relay of relays) relay.start()
  // As every commit does.
  const wakeAll = () => {
    for (const relay of relays) relay.wake('ai')
  }
  const carrying = setInterval(wakeAll, 5)
  await waitFor(async () => (await relays[0]?.waiting('ai')) === 0)
  clearInterval(carrying)
  await Promise.all(relays.map((relay) => relay.stop()))
  expect(delivered).toBeGreaterThanOrEqual(messages)
  expect(delivered).toBeLessThanOrEqual(messages + 2 * batchLimit)
})

/** A process of a receiver. @returns the keys that it accepted of the changes in which this is told of guilds */
function createReceiver(database: Database, handlers: InboxHandlers) {
  const { handle } = createInboxRoute({ database, handlers, log: silentLog, ...deps })
  const { signal } = new AbortController()
  return async (told: readonly { key: string; guildId: string; auditLogging: boolean }[]) => {
    const deliveries = told.map(({ key, ...guild }) => ({
      ...{ key, kind: 'guild.moved', aggregate: `guild:${guild.guildId}` },
      ...{ payload: { ...guild, tenantId: '1' }, at: systemClock.now().toISOString() },
    }))
    const answer = await handle({
      ...{ body: JSON.stringify({ deliveries }), url: new URL('http://ai/inbox') },
      ...{ headers: new Headers(), caller: 'tenancy', viewer: anonymousViewer('test') },
      ...{ askerSignal: signal, signal },
    })
    return ((await answer.json()) as { accepted: string[] }).accepted
  }
}

/** Whether somebody waits for somebody else's commit in this database. */
async function waitsForLock({ orm }: Database): Promise<boolean> {
  const waiting = await orm.em
    .fork()
    .getConnection()
    .execute<unknown[]>(
      `select 1 from information_schema.innodb_trx
     join information_schema.processlist on id = trx_mysql_thread_id
     where db = ? and trx_state = 'LOCK WAIT'`,
      [orm.config.get('dbName')],
    )
  return waiting.length > 0
}

test('what another process applied while a batch was applied is not overwritten by an older picture of it', async () => {
  await using twice = await openMariadbTwice([InboxRow, GuildPlace])
  const place = createGuildDeliveries()['guild.moved']
  const [reading, go] = [createGate(), createGate()]
  const waiting: InboxHandlers = {
    'guild.moved': async (tx, delivery) => {
      await place?.(tx, delivery)
      if (delivery.key !== 'other') return
      reading.resolve()
      await go.promise
    },
  }
  const left = createReceiver(twice.left, waiting)
  const right = createReceiver(twice.right, createGuildDeliveries())
  const off = { key: 'off', guildId: '1', auditLogging: false }
  const on = { key: 'on', guildId: '1', auditLogging: true }
  const offAgain = { key: 'off-again', guildId: '1', auditLogging: false }
  expect(await right([off])).toEqual(['off'])
  const batch = left([{ key: 'other', guildId: '2', auditLogging: true }, on, offAgain])
  await reading.promise
  let isApplied = false
  const meanwhile = right([on]).finally(() => {
    isApplied = true
  })
  await waitFor(async () => isApplied || (await waitsForLock(twice.left)))
  go.resolve()
  expect(await batch).toEqual(['other', 'on', 'off-again'])
  expect(await meanwhile).toEqual(['on'])
  const guild = await twice.left.acrossTenants().findOneOrFail(GuildPlace, { guildId: '1' })
  expect(guild.auditLogging).toBe(false)
  expect(await twice.left.acrossTenants().count(InboxRow, {})).toBe(4)
})

test('processes of identity that start at once, or rotate at once, make one signing key', async () => {
  await using twice = await openMariadbTwice([SigningKey])
  const clock = createManualClock(new Date('2026-08-15T12:00:00.000Z'))
  const operatorKeys = parseOperatorKeys(newOperatorKeyText(createSeededRandomness('operator')))
  const processes = [twice.left, twice.right, twice.left, twice.right].map((database) =>
    createSigningKeys({ database, operatorKeys, clock, randomness: systemRandomness }),
  )
  const signers = await Promise.all(processes.map((keys) => keys.signer()))
  expect(new Set(signers.map(({ kid }) => kid)).size).toBe(1)
  clock.advance(30 * 86_400_000)
  const rotated = await Promise.all(processes.map((keys) => keys.rotateIfDue()))
  expect(rotated.filter(Boolean)).toHaveLength(1)
  expect(await twice.left.acrossTenants().count(SigningKey, {})).toBe(2)
})

test('processes that trim one topic at once leave what is young, and the promise of where it begins', async () => {
  await using twice = await openMariadbTwice([EventTopic, EventRow])
  const clock = createManualClock(new Date('2026-08-15T12:00:00.000Z'))
  const [left, right] = [twice.left, twice.right].map((database) =>
    createEvents({
      cursors: TEST_CURSORS,
      ...{ database, clock, randomness: systemRandomness, log: silentLog },
      front: createRingFront(),
    }),
  )
  if (!left || !right) throw new Error('there are two')
  const publish = (count: number) =>
    transactional(twice.left.acrossTenants(), (tx) =>
      left.publish(
        tx,
        Array.from({ length: count }, (_, n) => ({
          topic: 'odds',
          type: 'changed',
          payload: { n },
        })),
      ),
    )
  await publish(30)
  clock.advance(60_000)
  await publish(5)
  const trimmed = await Promise.all([left, right].map((one) => one.trim('odds', clock.now())))
  expect(trimmed.reduce((sum, count) => sum + count, 0)).toBe(30)
  const rows = await twice.right.acrossTenants().find(EventRow, {}, { orderBy: { seq: 'asc' } })
  expect(rows.map(({ seq }) => seq)).toEqual([31, 32, 33, 34, 35])
  const topic = await twice.right.acrossTenants().findOneOrFail(EventTopic, { topic: 'odds' })
  expect(topic).toMatchObject({ firstSeq: 31, lastSeq: 35 })
  await Promise.all([left.close(), right.close()])
})
