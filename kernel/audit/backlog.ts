import type { Clock } from '../clock.ts'
import { updateWhere } from '../db/conditional-writes.ts'
import { type Database, transactional } from '../db/database.ts'
import { deleteInPortions } from '../db/delete-in-portions.ts'
import { OutboxRow } from './outbox-row.ts'

export type Backlog = ReturnType<typeof createBacklog>

/** Aggregates left out of one look; beyond these the check of the batch still holds. */
const BLOCKED_LIMIT = 500

/** A message refused this often is poisoned: no further try is likely to help. */
export const REFUSALS_UNTIL_POISONED = 20
/** Failures of a receiver that did not answer count up to here: nobody is poisoned by an outage alone. */
const MOST_SILENCES = 10

/**
 * The rows of the outbox that were not sent yet: always asked for as such, never by "id above". Several processes may
 * look and mark at once (docs/adr/0021): what a look answers of an aggregate begins with its first unsent row.
 */
export function createBacklog({ database, clock }: { database: Database; clock: Clock }) {
  const unsent = (receiver: string) => ({ receiver, sentAt: null })
  const blocked = async (receiver: string, now: Date, among: object = {}) => {
    const where = { ...unsent(receiver), nextTryAt: { $gt: now }, ...among }
    const rows = await database
      .acrossTenants()
      .find(OutboxRow, where, { fields: ['aggregate'], limit: BLOCKED_LIMIT })
    return new Set(rows.map((row) => row.aggregate))
  }
  const attemptsAfter = ({ attempts }: OutboxRow, isAnswered: boolean) =>
    isAnswered || attempts < MOST_SILENCES ? attempts + 1 : attempts

  /** Rows whose time has come, after an id, without those of aggregates known to wait. */
  const ripe = (
    receiver: string,
    {
      now,
      waiting,
      after,
      limit,
    }: { now: Date; waiting: ReadonlySet<string>; after: string | null; limit: number },
  ): Promise<OutboxRow[]> => {
    const where = {
      ...{ ...unsent(receiver), nextTryAt: { $lte: now } },
      ...(waiting.size > 0 && { aggregate: { $nin: [...waiting] } }),
      ...(after !== null && { id: { $gt: after } }),
    }
    return database.acrossTenants().find(OutboxRow, where, { orderBy: { id: 'asc' }, limit })
  }

  return {
    /** The oldest rows of every aggregate that does not wait for another try, in order. */
    next: async (receiver: string, limit: number): Promise<OutboxRow[]> => {
      // One instant for all that is asked: else what ripens meanwhile would be overtaken by what is behind it.
      const now = clock.now()
      // Seen to wait once, left out to the end: had its first row been sent meanwhile, its next may stand on an earlier page.
      const seen = new Set<string>()
      let waiting: ReadonlySet<string> = new Set()
      for (let after: string | null = null; ; ) {
        const rows: OutboxRow[] = await ripe(receiver, { now, waiting, after, limit })
        if (rows.length === 0) return []
        const among = { aggregate: { $in: rows.map((row) => row.aggregate) } }
        for (const aggregate of await blocked(receiver, now, among)) seen.add(aggregate)
        const free = rows.filter((row) => !seen.has(row.aggregate))
        if (free.length === rows.length || rows.length < limit) return free
        if (waiting.size > 0 && free.length > 0) return free
        // What is behind those that wait must not wait too; one look leaves out no more than its limit of them.
        const isFirst = waiting.size === 0
        if (isFirst) waiting = await blocked(receiver, now)
        if (isFirst && waiting.size > 0) continue
        // Nobody waits any more: another process has sent what did. Or this page holds no others.
        if (free.length > 0) return free
        after = rows.at(-1)?.id ?? null
      }
    },
    /** @returns whether all were still unsent: else another process sent some of them too */
    markSent: async (rows: readonly OutboxRow[]): Promise<boolean> => {
      if (rows.length === 0) return true
      const where = { id: { $in: rows.map(({ id }) => id) }, sentAt: null }
      const set = { sentAt: clock.now(), lastError: null }
      const marked = await transactional(database.acrossTenants(), (tx) =>
        updateWhere(tx, OutboxRow, { where, set, add: { attempts: 1 } }),
      )
      return marked === rows.length
    },
    /** What `attempts` will be once the row is held back. */
    attemptsAfter,
    /**
     * Holds a row, and with it its aggregate, back until another try; of several processes whose tries failed together
     * the first counts. A row that waits is thus never made to wait for less, whatever the clocks say: a look in another
     * process that saw it wait would else take what is behind it.
     */
    holdBack: async (
      row: OutboxRow,
      { until, lastError, isAnswered }: { until: Date; lastError: string; isAnswered: boolean },
    ): Promise<void> => {
      await updateWhere(database.acrossTenants(), OutboxRow, {
        where: { id: row.id, sentAt: null, nextTryAt: row.nextTryAt },
        set: { nextTryAt: until, lastError },
        add: { attempts: attemptsAfter(row, isAnswered) - row.attempts },
      })
    },
    count: (receiver: string): Promise<number> =>
      database.acrossTenants().count(OutboxRow, unsent(receiver)),
    countPoisoned: (receiver: string): Promise<number> =>
      database
        .acrossTenants()
        .count(OutboxRow, { ...unsent(receiver), attempts: { $gte: REFUSALS_UNTIL_POISONED } }),
    prune: (sentBefore: Date): Promise<number> =>
      deleteInPortions(database, OutboxRow, { sentAt: { $lt: sentBefore } }),
  }
}
