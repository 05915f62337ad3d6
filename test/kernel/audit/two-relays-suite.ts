import { setTimeout as delay } from 'node:timers/promises'
import { defineEntity, p } from '@mikro-orm/core'
import fc from 'fast-check'
import { expect } from 'vitest'
import { InboxRow } from '#kernel/audit/inbox-row.ts'
import { createOutbox } from '#kernel/audit/outbox.ts'
import { OutboxLane } from '#kernel/audit/outbox-lane.ts'
import { OutboxRow } from '#kernel/audit/outbox-row.ts'
import { createRelay, type OutboxDelivery } from '#kernel/audit/relay.ts'
import { anonymousViewer } from '#kernel/auth/viewer.ts'
import { systemClock } from '#kernel/clock.ts'
import { idColumn } from '#kernel/db/columns.ts'
import { deleteWhere } from '#kernel/db/conditional-writes.ts'
import { type Database, transactional } from '#kernel/db/database.ts'
import { forkInside } from '#kernel/db/fork-inside.ts'
import { DomainError } from '#kernel/errors.ts'
import { createGuildDeliveries } from '#kernel/guilds/guild-deliveries.ts'
import { GuildPlace } from '#kernel/guilds/guild-place.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { createInboxRoute } from '#kernel/serve/inbox-route.ts'
import type { InboxHandlers } from '#kernel/service/subgraph.ts'
import { silentLog } from '../../kit/database.ts'
import { waitFor } from '../jobs/job-kit.ts'

const EffectSchema = defineEntity({
  name: 'Effect',
  tableName: 'effects',
  properties: { id: idColumn(), aggregate: p.string().length(100), key: p.string().length(64) },
})
/** What a delivery did; its ids follow the order in which deliveries of an aggregate were applied. */
class Effect extends EffectSchema.class {}
EffectSchema.setClass(Effect)

export const RELAYED = [OutboxRow, OutboxLane, InboxRow, GuildPlace, Effect]

const deps = { clock: systemClock, randomness: systemRandomness }
const GUILDS = ['1', '2', '3'] as const

/**
 * What becomes of a delivery: it is applied; applied, but its answer lost; one message refused, whoever sends it, some
 * times over; the receiver killed among them; or it comes so late that its sender had given it up.
 */
const FAULTS = ['none', 'lost', 'refused', 'killed', 'late'] as const
type Fault = (typeof FAULTS)[number]

const plans = fc.record({
  /** Waits already when the relays begin. */
  backlog: fc.array(fc.constantFrom(...GUILDS), { minLength: 6, maxLength: 12 }),
  senders: fc.array(fc.array(fc.constantFrom(...GUILDS), { maxLength: 8 }), {
    minLength: 2,
    maxLength: 3,
  }),
  faults: fc.array(fc.constantFrom(...FAULTS), { minLength: 4, maxLength: 12 }),
  /** After so many messages of the first sender a relay is broken off, and another takes its place. */
  brokenOffAfter: fc.nat({ max: 7 }),
})
type Plan = typeof plans extends fc.Arbitrary<infer Value> ? Value : never

/** Puts guilds where deliveries say, as subgraphs do, and writes down that it did. */
function createHandlers(check: (key: string) => void): InboxHandlers {
  const place = createGuildDeliveries()['guild.moved']
  return {
    'guild.moved': async (tx, delivery) => {
      await place?.(tx, delivery)
      const own = forkInside(tx)
      const { aggregate, key } = delivery
      own.persist(own.create(Effect, { aggregate, key }))
      await own.flush()
      check(key)
    },
  }
}

/** A late delivery comes when others were made meanwhile, milliseconds. */
const LATE_MS = 30

/** Each delivery that is refused tries the message twice: among others, then alone. */
const REFUSALS = 4

/** Messages that fail: for good in one delivery, or refused so often whoever sends them. */
function createFailures() {
  const refusals = new Map<string, number>()
  const dying = new Set<string>()
  return {
    refuse: (key: string) => refusals.set(key, REFUSALS),
    dying,
    check: (key: string): void => {
      const left = refusals.get(key) ?? 0
      refusals.set(key, left - 1)
      if (left > 0) throw new DomainError('INTERNAL_SERVER_ERROR', 'It broke.')
      if (dying.has(key)) throw new Error('the process is gone')
    },
  }
}

/** The inbox of a process of the receiver, behind a line on which these faults happen. */
function createLine(faults: Fault[], late: Promise<unknown>[]) {
  const { refuse, dying, check } = createFailures()
  const post = async (database: Database, rows: readonly OutboxDelivery[]) => {
    const handlers = createHandlers(check)
    const { handle } = createInboxRoute({ database, handlers, log: silentLog, ...deps })
    const deliveries = rows.map((row) => ({ ...row, payload: JSON.parse(row.payload) as unknown }))
    const signal = new AbortController().signal
    const answer = await handle({
      ...{ body: JSON.stringify({ deliveries }), url: new URL('http://ai/inbox') },
      ...{ headers: new Headers(), caller: 'tenancy', viewer: anonymousViewer('test') },
      ...{ askerSignal: signal, signal },
    })
    return ((await answer.json()) as { accepted: string[] }).accepted
  }
  const seen = new Set<string>()
  const postLate = async (database: Database, rows: readonly OutboxDelivery[]) => {
    await delay(LATE_MS)
    return post(database, rows)
  }
  return (database: Database) => ({
    deliver: async (rows: readonly OutboxDelivery[]) => {
      // What was applied already is not applied again, so nothing could go wrong with it.
      const target = rows.find(({ key }) => !seen.has(key))?.key ?? ''
      const fault = target === '' ? 'none' : faults.shift()
      if (fault === 'late') {
        // Nobody hears how it ends.
        late.push(postLate(database, rows).catch((failure: unknown) => failure))
        throw new Error('no answer in time')
      }
      if (fault === 'refused') refuse(target)
      if (fault === 'killed') dying.add(target)
      try {
        const accepted = await post(database, rows)
        for (const key of accepted) seen.add(key)
        if (fault === 'lost') throw new Error('no answer')
        return accepted
      } finally {
        dying.delete(target)
      }
    },
  })
}

async function empty(database: Database): Promise<void> {
  for (const entity of RELAYED) {
    await deleteWhere(database.acrossTenants(), entity as typeof Effect, {})
  }
}

/** Two senders may tell of one guild at once; who commits first is first. */
function createSender(database: Database, wake: (receiver: string) => void) {
  const outbox = createOutbox({ ...deps, wake })
  return (guildId: string, index: number) =>
    transactional(database.acrossTenants(), (tx) =>
      outbox.send(tx, {
        ...{ receiver: 'ai', kind: 'guild.moved', aggregate: `guild:${guildId}` },
        // Back and forth: a change that was made to an old picture of the row is none.
        payload: { guildId, tenantId: '1', auditLogging: index % 2 === 0 },
      }),
    )
}

/** What was sent is applied once each, in order, and the last of each guild stands. */
async function expectOnceInOrder(database: Database, sent: readonly string[]): Promise<void> {
  const inOrder = { orderBy: { id: 'asc' } } as const
  const rows = await database.acrossTenants().find(OutboxRow, {}, inOrder)
  const effects = await database.acrossTenants().find(Effect, {}, inOrder)
  expect(rows.map(({ key }) => key).sort()).toEqual([...sent].sort())
  for (const guildId of GUILDS) {
    const isOf = ({ aggregate }: { aggregate: string }) => aggregate === `guild:${guildId}`
    const told = rows.filter(isOf)
    expect(effects.filter(isOf).map(({ key }) => key)).toEqual(told.map(({ key }) => key))
    const last = JSON.parse(told.at(-1)?.payload ?? '{}') as { auditLogging?: boolean }
    const place = await database.acrossTenants().findOne(GuildPlace, { guildId })
    expect(place?.auditLogging).toBe(last.auditLogging)
  }
}

/** The pools of the processes of the sender; each talks to a process of the receiver with the same pool. */
async function play(databases: readonly Database[], plan: Plan): Promise<void> {
  const [first] = databases
  if (!first) throw new Error('no process')
  await empty(first)
  const late: Promise<unknown>[] = []
  const lineTo = createLine([...plan.faults], late)
  const settings = { pollMilliseconds: 5, backOffMilliseconds: 20, batchLimit: 4 }
  const start = (database: Database) => {
    const receivers = { ai: lineTo(database) }
    const relay = createRelay({ database, receivers, log: silentLog, settings, ...deps })
    relay.start()
    return relay
  }
  const relays: ReturnType<typeof start>[] = []
  const sendAll = async (guilds: readonly string[], process: number) => {
    const at = process % databases.length
    const send = createSender(databases[at] ?? first, (receiver) => relays[at]?.wake(receiver))
    const keys: string[] = []
    for (const [index, guildId] of guilds.entries()) {
      keys.push(await send(guildId, index + process))
      if (!relays[0] || process > 0 || index !== plan.brokenOffAfter) continue
      await relays[0].stop()
      relays[0] = start(first)
    }
    return keys
  }
  const waiting = await sendAll(plan.backlog, 0)
  relays.push(...databases.map(start))
  const sent = [...waiting, ...(await Promise.all(plan.senders.map(sendAll))).flat()]
  await waitFor(async () => (await relays[0]?.waiting('ai')) === 0)
  await Promise.all(relays.map((relay) => relay.stop()))
  await Promise.all(late)
  await expectOnceInOrder(first, sent)
}

/** Whatever happens on the way, with as many processes as there are pools. */
export async function assertOnceInOrder(
  databases: readonly Database[],
  numRuns: number,
): Promise<void> {
  const property = fc.asyncProperty(plans, (plan) => play(databases, plan))
  // Each run takes part of a second: what failed is told as it was, not made smaller.
  await fc.assert(property, { numRuns, endOnFailure: true })
}
