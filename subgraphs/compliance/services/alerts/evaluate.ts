import { setImmediate as turn } from 'node:timers/promises'
import type { FilterQuery } from '@mikro-orm/core'
import type { Clock } from '#kernel/clock.ts'
import { updateWhere } from '#kernel/db/conditional-writes.ts'
import { type Database, type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import type { Events } from '#kernel/events/events.ts'
import type { NewEvent, StoredEvent } from '#kernel/events/stored-event.ts'
import { createLoop, type Loop } from '#kernel/jobs/loop.ts'
import type { Logger } from '#kernel/log.ts'
import { Alert } from '../../entities/alert.ts'
import { AlertRule } from '../../entities/alert-rule.ts'
import { AuditChain } from '../../entities/audit-chain.ts'
import { AuditLog } from '../../entities/audit-log.ts'
import { ALL_CHAINS, chainOf } from '../audit/entry.ts'
import type { Counted } from './burst.ts'
import { isMatch, toMatchCondition } from './matching.ts'
import { type Consequences, replay, type Tally } from './replay.ts'

export const alertTopic = (tenantId: string | null): string => `alerts:${chainOf(tenantId)}`

const POLL_MS = 1_000
/** Entries that are looked at together. */
const ENTRIES_AT_ONCE = 500
/** Of what happened around a batch, as many times its threshold as a rule reads at most. */
const THRESHOLDS_AT_ONCE = 3

const FACTS = [
  ...(['id', 'at', 'tenantId', 'guildId', 'userId'] as const),
  ...(['action', 'outcome', 'resourceType'] as const),
] as const
type Entry = Pick<AuditLog, (typeof FACTS)[number]>

const windowMsOf = ({ windowSeconds }: AlertRule) => windowSeconds * 1_000

const toRaisedEvent = (alert: Alert, first: Tally): NewEvent => {
  const { count, firstEntryId, lastEntryId, lastEntryAt } = first
  const payload = { ...alert, count, firstEntryId, lastEntryId, lastEntryAt }
  return { topic: alertTopic(alert.tenantId ?? null), type: 'raised', payload }
}

/** The alert that an event of the feed carries. */
export function readAlertEvent({ payload }: StoredEvent): Alert {
  const { at, lastEntryAt, ...alert } = payload as Alert
  return { ...alert, at: new Date(at), lastEntryAt: new Date(lastEntryAt) }
}

type RuleOutcome = Consequences & { rule: AlertRule; newest: Tally | null }

/** What is to be written of a batch, and how far it goes. */
type Plan = { from: number; to: number; outcomes: readonly RuleOutcome[] }

async function acrossTenantsNewest(em: SqlEntityManager, ruleId: string): Promise<Tally | null> {
  const newest = await em.findOne(Alert, { ruleId }, { orderBy: { id: 'desc' } })
  return newest && { ...newest, isAcknowledged: newest.acknowledgedAt != null }
}

type Around = { rule: AlertRule; entries: readonly Counted[]; newest: Tally | null }

/** Entries of before, near enough to belong to a burst with these, that no alert counted. */
async function acrossTenantsEarlier(
  em: SqlEntityManager,
  { rule, entries, newest }: Around,
): Promise<Counted[]> {
  if (rule.threshold === 1) return []
  const times = entries.map(({ at }) => at.getTime())
  const windowMs = windowMsOf(rule)
  const where = {
    ...(toMatchCondition(rule) as object),
    id: { $lt: entries[0]?.id, ...(newest && { $gt: newest.lastEntryId }) },
    at: {
      $gt: new Date(Math.min(...times) - windowMs),
      $lt: new Date(Math.max(...times) + windowMs),
    },
  } as FilterQuery<AuditLog>
  // Most of the time there are too few, which the index alone tells.
  if ((await em.count(AuditLog, where)) + entries.length < rule.threshold) return []
  return em.find(AuditLog, where, {
    fields: ['id', 'at'],
    orderBy: { at: 'desc', id: 'desc' },
    limit: rule.threshold * THRESHOLDS_AT_ONCE,
    disableIdentityMap: true,
  })
}

/** Whether all of these lie so close to a standing alert that nothing else needs to be read. */
const goOnAll = ({ rule, entries, newest }: Around): boolean =>
  newest !== null &&
  !newest.isAcknowledged &&
  entries.every(({ at }) => {
    const distance = Math.abs(at.getTime() - newest.lastEntryAt.getTime())
    return distance < windowMsOf(rule)
  })

async function acrossTenantsOutcome(
  em: SqlEntityManager,
  rule: AlertRule,
  entries: readonly Counted[],
): Promise<RuleOutcome> {
  const newest = await acrossTenantsNewest(em, rule.id)
  const around = { rule, entries, newest }
  const earlier = goOnAll(around) ? [] : await acrossTenantsEarlier(em, around)
  const { threshold } = rule
  const counted = replay({ newest, earlier, entries, threshold, windowMs: windowMsOf(rule) })
  return { rule, newest, ...counted }
}

const present = (ids: readonly (string | null | undefined)[]) => [
  ...new Set(ids.flatMap((id) => id ?? [])),
]

/** The active rules that may count some of these entries. */
function acrossTenantsRules(em: SqlEntityManager, entries: readonly Entry[]): Promise<AlertRule[]> {
  const tenants = present(entries.map(({ tenantId }) => tenantId))
  const guilds = present(entries.map(({ guildId }) => guildId))
  return em.find(AlertRule, {
    isActive: true,
    $and: [
      { $or: [{ tenantId: null }, { tenantId: { $in: tenants } }] },
      { $or: [{ guildId: null }, { guildId: { $in: guilds } }] },
    ],
  })
}

/** What follows from the entries after the last that were looked at; null where none are. */
async function acrossTenantsPlan(em: SqlEntityManager): Promise<Plan | null> {
  const all = await em.findOne(AuditChain, { chain: ALL_CHAINS })
  if (!all || all.publishedSeq >= all.seq) return null
  const from = all.publishedSeq
  const entries: Entry[] = await em.find(
    AuditLog,
    { id: { $gte: String(from + 1), $lte: String(all.seq) } },
    { fields: FACTS, orderBy: { id: 'asc' }, limit: ENTRIES_AT_ONCE, disableIdentityMap: true },
  )
  const outcomes: RuleOutcome[] = []
  for (const rule of await acrossTenantsRules(em, entries)) {
    const isOf = (entry: Entry) => (entry.tenantId ?? null) === (rule.tenantId ?? null)
    const matching = entries.filter((entry) => isOf(entry) && isMatch(rule, entry))
    if (matching.length === 0) continue
    outcomes.push(await acrossTenantsOutcome(em, rule, matching))
    await turn()
  }
  const isFull = entries.length === ENTRIES_AT_ONCE
  return { from, to: isFull ? Number(entries.at(-1)?.id) : all.seq, outcomes }
}

/** Somebody else wrote meanwhile: what was planned is planned again. */
class Overtaken extends Error {}

async function countOn(tx: SqlEntityManager, { goesOn, newest }: RuleOutcome): Promise<void> {
  if (!goesOn?.id || !newest) return
  const { count, lastEntryId, lastEntryAt } = goesOn
  const counted = await updateWhere(tx, Alert, {
    where: { id: goesOn.id, acknowledgedAt: null, count: newest.count },
    set: { count, lastEntryId, lastEntryAt },
  })
  if (counted === 0) throw new Overtaken('an alert was acknowledged meanwhile')
}

export type AlertLoopDeps = { database: Database; events: Events; clock: Clock; log: Logger }

/**
 * Evaluates rules behind the append: every entry once, in the order of the ids. How far it went
 * moves, on a condition, in the transaction that writes the alerts: what a killed process did not
 * look at the next one does, and of two that look at once one begins again.
 */
export function createAlertLoop({ database, events, clock, log }: AlertLoopDeps): Loop {
  const toAlert = (tx: SqlEntityManager, rule: AlertRule, { now }: { now: Tally }) => {
    const { id: _id, isAcknowledged: _is, ...tally } = now
    const { tenantId = null, guildId = null } = rule
    const of = { tenantId, guildId, ruleId: rule.id, ruleName: rule.name, at: clock.now() }
    const alert = tx.create(Alert, { ...of, ...tally, acknowledgedAt: null, acknowledgedBy: null })
    tx.persist(alert)
    return alert
  }
  const write = async (tx: SqlEntityManager, { from, to, outcomes }: Plan): Promise<void> => {
    const moved = await updateWhere(tx, AuditChain, {
      where: { chain: ALL_CHAINS, publishedSeq: from },
      set: { publishedSeq: to },
    })
    if (moved === 0) throw new Overtaken('another process looked at these entries')
    for (const outcome of outcomes) await countOn(tx, outcome)
    const raised = outcomes.flatMap(({ rule, raised: some }) =>
      some.map((one) => ({ alert: toAlert(tx, rule, one), first: one.first })),
    )
    await tx.flush()
    if (raised.length === 0) return
    await events.publish(
      tx,
      raised.map(({ alert, first }) => toRaisedEvent(alert, first)),
    )
  }
  const round = async (): Promise<void> => {
    for (;;) {
      const plan = await acrossTenantsPlan(database.acrossTenants())
      if (!plan) return
      try {
        await transactional(database.acrossTenants(), (tx) => write(tx, plan))
      } catch (failure) {
        if (!(failure instanceof Overtaken)) throw failure
      }
      await turn()
    }
  }
  return createLoop({ name: 'audit-alerts', round, pauseMilliseconds: POLL_MS, log })
}
