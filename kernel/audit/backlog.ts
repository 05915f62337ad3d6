import type { Clock } from '../clock.ts'
import { deleteWhere, updateWhere } from '../db/conditional-writes.ts'
import type { Database } from '../db/database.ts'
import { OutboxRow } from './outbox-row.ts'

export type Backlog = ReturnType<typeof createBacklog>

/** Aggregates left out of one look; beyond these the check of the batch still holds. */
const BLOCKED_LIMIT = 500

/** The rows of the outbox that were not sent yet: always asked for as such, never by "id above". */
export function createBacklog({ database, clock }: { database: Database; clock: Clock }) {
  const unsent = (receiver: string) => ({ receiver, sentAt: null })
  const blocked = async (receiver: string, among?: readonly string[]): Promise<Set<string>> => {
    const aggregate = among ? { aggregate: { $in: [...among] } } : {}
    const where = { ...unsent(receiver), nextTryAt: { $gt: clock.now() }, ...aggregate }
    const rows = await database
      .acrossTenants()
      .find(OutboxRow, where, { fields: ['aggregate'], limit: BLOCKED_LIMIT })
    return new Set(rows.map((row) => row.aggregate))
  }
  return {
    /** The oldest rows of every aggregate that does not wait for another try, in order. */
    next: async (receiver: string, limit: number): Promise<OutboxRow[]> => {
      const waiting = await blocked(receiver)
      const aggregate = waiting.size > 0 ? { aggregate: { $nin: [...waiting] } } : {}
      const where = { ...unsent(receiver), nextTryAt: { $lte: clock.now() }, ...aggregate }
      const rows = await database
        .acrossTenants()
        .find(OutboxRow, where, { orderBy: { id: 'asc' }, limit })
      if (rows.length === 0) return []
      const stillWaiting = await blocked(
        receiver,
        rows.map((row) => row.aggregate),
      )
      return rows.filter((row) => !stillWaiting.has(row.aggregate))
    },
    markSent: async (rows: readonly OutboxRow[]): Promise<void> => {
      if (rows.length === 0) return
      const where = { id: { $in: rows.map(({ id }) => id) }, sentAt: null }
      const set = { sentAt: clock.now(), lastError: null }
      await updateWhere(database.acrossTenants(), OutboxRow, { where, set, add: { attempts: 1 } })
    },
    /** Holds a row, and with it its aggregate, back until another try. */
    holdBack: async (
      row: OutboxRow,
      { until, lastError }: { until: Date; lastError: string },
    ): Promise<void> => {
      await updateWhere(database.acrossTenants(), OutboxRow, {
        where: { id: row.id, sentAt: null },
        set: { nextTryAt: until, lastError },
        add: { attempts: 1 },
      })
    },
    count: (receiver: string): Promise<number> =>
      database.acrossTenants().count(OutboxRow, unsent(receiver)),
    prune: (sentBefore: Date): Promise<number> =>
      deleteWhere(database.acrossTenants(), OutboxRow, { sentAt: { $lt: sentBefore } }),
  }
}
