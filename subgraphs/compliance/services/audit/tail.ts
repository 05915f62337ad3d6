import { updateWhere } from '#kernel/db/conditional-writes.ts'
import { type Database, type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import type { Events } from '#kernel/events/events.ts'
import type { NewEvent, StoredEvent } from '#kernel/events/stored-event.ts'
import { createLoop, type Loop } from '#kernel/jobs/loop.ts'
import type { Logger } from '#kernel/log.ts'
import { AuditChain } from '../../entities/audit-chain.ts'
import { AuditLog } from '../../entities/audit-log.ts'
import { chainOf } from './entry.ts'

/** An entry as readers get it, from the table or live; its client is read by id. */
export type EntryView = Omit<
  AuditLog,
  'canonical' | 'entryMac' | 'ipAddress' | 'userAgent' | 'deliveryKey'
>

export const tailTopic = (tenantId: string | null): string => `audit:${chainOf(tenantId)}`

const POLL_MS = 1_000
/** Entries told of in one transaction: the details of 100 at their largest are 2 MB. */
const ENTRIES_AT_ONCE = 100
const CHAINS_AT_ONCE = 100

function toTailEvent(entry: AuditLog): NewEvent {
  const { canonical, entryMac, ipAddress, userAgent, deliveryKey, ...payload } = { ...entry }
  return { topic: tailTopic(entry.tenantId ?? null), type: 'appended', payload }
}

/** The entry that an event of the tail carries. */
export function readTailEvent({ payload }: StoredEvent): EntryView {
  const { at, recordedAt, ...entry } = payload as EntryView
  return { ...entry, at: new Date(at), recordedAt: new Date(recordedAt) }
}

type Told = { entries: number; isAll: boolean }

/** Tells of what follows in a chain. Two that tell at once cannot both: the place moves on a condition. */
async function acrossTenantsTell(
  { events }: { events: Events },
  tx: SqlEntityManager,
  { id, chain, publishedSeq }: AuditChain,
): Promise<Told> {
  const entries = await tx.find(
    AuditLog,
    { chain, seq: { $gt: publishedSeq } },
    { orderBy: { seq: 'asc' }, limit: ENTRIES_AT_ONCE },
  )
  const last = entries.at(-1)
  const isBehind = { id, publishedSeq }
  const to = last?.seq ?? publishedSeq
  const isToldWhole = await updateWhere(tx, AuditChain, {
    where: { ...isBehind, seq: to },
    set: { publishedSeq: to, hasUnpublished: false },
  })
  if (isToldWhole === 0) {
    const moved = await updateWhere(tx, AuditChain, {
      where: isBehind,
      set: { publishedSeq: to },
    })
    if (moved === 0) return { entries: 0, isAll: true }
  }
  if (entries.length > 0) await events.publish(tx, entries.map(toTailEvent))
  return { entries: entries.length, isAll: isToldWhole === 1 || entries.length === 0 }
}

export type TailDeps = { database: Database; events: Events; log: Logger }

/**
 * Tells the live tail of what was appended, right after the commit: a batch is one write to its
 * topic, and what a killed process did not tell the next one does.
 */
export function createTail({ database, events, log }: TailDeps): Loop {
  const acrossTenantsTellAll = async (chain: AuditChain): Promise<void> => {
    for (let isAll = false; !isAll; ) {
      const told = await transactional(database.acrossTenants(), async (tx) => {
        const now = await tx.findOneOrFail(AuditChain, { id: chain.id })
        return acrossTenantsTell({ events }, tx, now)
      })
      isAll = told.isAll
    }
  }
  const round = async (): Promise<void> => {
    const behind = await database
      .acrossTenants()
      .find(AuditChain, { hasUnpublished: true }, { orderBy: { id: 'asc' }, limit: CHAINS_AT_ONCE })
    for (const chain of behind) await acrossTenantsTellAll(chain)
  }
  return createLoop({ name: 'audit-tail', round, pauseMilliseconds: POLL_MS, log })
}
