import { expect, test } from 'vitest'
import { createManualClock } from '#kernel/clock.ts'
import { schemaDrift } from '#kernel/db/migrations.ts'
import { EventRow } from '#kernel/events/event-row.ts'
import { Alert } from '#subgraphs/compliance/entities/alert.ts'
import { AlertRule } from '#subgraphs/compliance/entities/alert-rule.ts'
import { AuditChain } from '#subgraphs/compliance/entities/audit-chain.ts'
import { createAlertLoop } from '#subgraphs/compliance/services/alerts/evaluate.ts'
import { waitFor } from '../kernel/jobs/job-kit.ts'
import { emptyMariadb, onMariadb, silentLog } from '../kit/database.ts'
import { describeAlterations } from '../subgraphs/compliance/audit/alterations-suite.ts'
import {
  deliverAll,
  entriesOf,
  evaluated,
  openAudit,
  recordOf,
  verify,
  type World,
} from '../subgraphs/compliance/audit/audit-kit.ts'

const open = () =>
  onMariadb(
    (databaseUrl): Promise<World> => openAudit({ databaseUrl }),
    (world) => world[Symbol.asyncDispose](),
  )

describeAlterations('MariaDB', { open, runs: 40 })

test('after all migrations the triggers refuse UPDATE and DELETE; nothing drifted', async () => {
  await using world = await open()
  await deliverAll(world, [{ key: 'a', payload: recordOf() }])
  const sql = (text: string) => world.database.orm.em.fork().getConnection().execute(text)
  const refused = /only appended, never changed or taken away/
  await expect(sql("update audit_logs set outcome = 'x'")).rejects.toThrow(refused)
  await expect(sql('delete from audit_logs')).rejects.toThrow(refused)
  await expect(sql('replace into audit_logs select * from audit_logs')).rejects.toThrow(refused)
  expect(await entriesOf(world)).toHaveLength(1)
  expect(await schemaDrift(world.database)).toEqual([])
})

test('five subgraphs that deliver at once, some of it twice: every chain whole, each entry once', async () => {
  await using world = await open()
  const sources = ['identity', 'tenancy', 'ai', 'compliance', 'analytics']
  const tenants = ['1', '2', '3', null]
  const batchOf = (source: string, batch: number) =>
    Array.from({ length: 20 }, (_, index) => ({
      key: `${source}-${batch}-${index}`,
      aggregate: `${source}:${index % 4}`,
      // Another order of chains for every sender: this is where locks could meet.
      payload: recordOf({ tenantId: tenants[(index * 3 + source.length) % 4] ?? null }),
    }))
  const deliveries = sources.flatMap((source) =>
    [0, 1, 2, 2].map((batch) => deliverAll(world, batchOf(source, batch), source)),
  )
  const accepted = await Promise.all(deliveries)
  expect(accepted.every((keys) => keys.length === 20)).toBe(true)
  const entries = await entriesOf(world)
  expect(entries.map(({ id }) => Number(id))).toEqual(entries.map((_, index) => index + 1))
  expect(new Set(entries.map(({ deliveryKey }) => deliveryKey)).size).toBe(300)
  for (const chain of ['platform', 'tenant:1', 'tenant:2', 'tenant:3']) {
    expect(await verify(world, chain)).toMatchObject({ chain, isWhole: true, checked: 75 })
  }
})

test('two processes that take deliveries at once: every entry once, in its chain and in its live tail', async () => {
  await using empty = await emptyMariadb()
  await using left = await openAudit({ databaseUrl: empty.url })
  await using right = await openAudit({ databaseUrl: empty.url })
  const processes = [left, right]
  await Promise.all(processes.map(({ service }) => service.start()))
  const batchOf = (batch: number) =>
    Array.from({ length: 10 }, (_, index) => ({
      key: `both-${batch}-${index}`,
      aggregate: `role:${index}`,
      payload: recordOf({ tenantId: index % 2 === 0 ? '1' : '2' }),
    }))
  // As when two relays of the sender met: the same to both.
  const batches = Array.from({ length: 8 }, (_, batch) => batchOf(batch))
  await Promise.all(batches.flatMap((sent) => processes.map((world) => deliverAll(world, sent))))
  expect(await entriesOf(left)).toHaveLength(80)
  for (const chain of ['tenant:1', 'tenant:2']) {
    expect(await verify(right, chain)).toMatchObject({ isWhole: true, checked: 40 })
  }
  const em = left.database.acrossTenants
  await waitFor(async () => (await em().count(AuditChain, { hasUnpublished: true })) === 0)
  for (const topic of ['audit:tenant:1', 'audit:tenant:2']) {
    const told = await em().find(EventRow, { topic }, { orderBy: { seq: 'asc' } })
    const places = told.map(({ seq, payload }) => [seq, (payload as { seq: number }).seq])
    expect(places).toEqual(places.map((_, index) => [index + 1, index + 1]))
    expect(places).toHaveLength(40)
  }
})

test('processes that evaluate alert rules at once count every entry once', async () => {
  await using world = await open()
  const { database } = world
  const em = database.acrossTenants()
  const clock = createManualClock(new Date('2026-03-01T12:00:00.000Z'))
  em.create(AlertRule, {
    ...{ tenantId: '1', guildId: null, owner: 'tenant:1', name: 'grants', createdBy: null },
    match: { action: 'role.*', outcome: null, resourceType: null, actorId: null },
    ...{ threshold: 3, windowSeconds: 60, isActive: true, updatedAt: clock.now() },
  })
  await em.flush()
  const published: unknown[] = []
  const events = { publish: async (_tx: unknown, some: unknown) => void published.push(some) }
  const loops = Array.from({ length: 3 }, () =>
    createAlertLoop({ database, events: events as never, clock, log: silentLog }),
  )
  for (const loop of loops) loop.start()
  for (let batch = 0; batch < 10; batch++) {
    const sent = Array.from({ length: 60 }, (_, index) => ({
      key: `alert-${batch}-${index}`,
      payload: recordOf(),
    }))
    await deliverAll(world, sent)
    for (const loop of loops) loop.wake()
  }
  await evaluated(world)
  await Promise.all(loops.map((loop) => loop.stop()))
  expect(await database.acrossTenants().find(Alert, {})).toMatchObject([
    { count: 600, firstEntryId: '1', lastEntryId: '600' },
  ])
})
