import type { Clock } from '../clock.ts'
import { flushUnlessTaken } from '../db/conditional-writes.ts'
import type { Database, SqlEntityManager } from '../db/database.ts'
import { deleteInPortions } from '../db/delete-in-portions.ts'
import { forkInside } from '../db/fork-inside.ts'
import { isInTransaction } from '../db/transaction-scope.ts'
import { auditError } from './errors.ts'
import { InboxRow } from './inbox-row.ts'

export type Inbox = ReturnType<typeof createInbox>

const NAME = /^[\w.:-]{1,30}$/
const KEY = /^[\w.:-]{1,64}$/

/** Deliveries from other services, each applied once however often it comes. */
export function createInbox({ clock }: { clock: Clock }) {
  /** False when one of the keys stands already, with none written. */
  const write = (tx: SqlEntityManager, caller: string, keys: readonly string[]) => {
    const own = forkInside(tx)
    const at = clock.now()
    for (const key of keys) own.persist(own.create(InboxRow, { caller, key, at }))
    return flushUnlessTaken(own)
  }
  const remember = async (
    tx: SqlEntityManager,
    { caller, keys }: { caller: string; keys: readonly string[] },
  ): Promise<ReadonlySet<string>> => {
    if (!isInTransaction()) throw new Error('a delivery is accepted only inside a transaction')
    const isValid = NAME.test(caller) && keys.every((key) => KEY.test(key))
    if (!isValid) throw auditError('INBOX_KEY_INVALID')
    if (await write(tx, caller, keys)) return new Set(keys)
    const fresh = new Set<string>()
    if (keys.length === 1) return fresh
    for (const key of keys) if (await write(tx, caller, [key])) fresh.add(key)
    return fresh
  }
  return {
    /**
     * Remembers the keys of deliveries in the open transaction of `tx`, which is to apply those that are new. A
     * second delivery at the same time waits for the first's commit: so this comes before anything is read, or on
     * MariaDB what follows in an aggregate would be applied to a picture in which the first's is missing.
     * @returns the keys that were not there before; @throws INBOX_KEY_INVALID
     */
    remember,
    /**
     * As `remember`, of one delivery, which is applied where it is new.
     * @returns false when it was applied before; @throws INBOX_KEY_INVALID
     */
    acceptOnce: async (
      tx: SqlEntityManager,
      { caller, key }: { caller: string; key: string },
      apply: () => Promise<void>,
    ): Promise<boolean> => {
      const { size } = await remember(tx, { caller, keys: [key] })
      if (size === 1) await apply()
      return size === 1
    },
    /** Forgets keys so old that nobody repeats them. @returns how many */
    prune: (database: Database, acceptedBefore: Date): Promise<number> =>
      deleteInPortions(database, InboxRow, { at: { $lt: acceptedBefore } }),
  }
}
