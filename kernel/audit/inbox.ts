import type { Clock } from '../clock.ts'
import { deleteWhere, flushUnlessTaken } from '../db/conditional-writes.ts'
import type { Database, SqlEntityManager } from '../db/database.ts'
import { forkInside } from '../db/fork-inside.ts'
import { isInTransaction } from '../db/transaction-scope.ts'
import { auditError } from './errors.ts'
import { InboxRow } from './inbox-row.ts'

export type Inbox = ReturnType<typeof createInbox>

const NAME = /^[\w.:-]{1,30}$/
const KEY = /^[\w.:-]{1,64}$/

/** Deliveries from other services, each applied once however often it comes. */
export function createInbox({ clock }: { clock: Clock }) {
  return {
    /**
     * Applies a delivery and remembers its key in the open transaction of `tx`. A second delivery
     * at the same time waits for the first's commit.
     * @returns false when it was applied before; @throws INBOX_KEY_INVALID
     */
    acceptOnce: async (
      tx: SqlEntityManager,
      { caller, key }: { caller: string; key: string },
      apply: () => Promise<void>,
    ): Promise<boolean> => {
      if (!isInTransaction()) throw new Error('a delivery is accepted only inside a transaction')
      if (!NAME.test(caller) || !KEY.test(key)) throw auditError('INBOX_KEY_INVALID')
      const own = forkInside(tx)
      own.persist(own.create(InboxRow, { caller, key, at: clock.now() }))
      if (!(await flushUnlessTaken(own))) return false
      await apply()
      return true
    },
    /** Forgets keys so old that nobody repeats them. @returns how many */
    prune: (database: Database, acceptedBefore: Date): Promise<number> =>
      deleteWhere(database.acrossTenants(), InboxRow, { at: { $lt: acceptedBefore } }),
  }
}
