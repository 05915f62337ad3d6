import { AsyncLocalStorage } from 'node:async_hooks'
import { databaseError } from './errors.ts'

type TransactionScope = { readonly afterCommit: (() => void | Promise<void>)[] }

const scopes = new AsyncLocalStorage<TransactionScope>()

/** True while the caller runs inside the callback of a transaction. */
export function isInTransaction(): boolean {
  return scopes.getStore() !== undefined
}

/**
 * Called by the drivers before a connection is taken. Inside a transaction that would wait for
 * itself: for ever on SQLite's one connection, until the pool is empty elsewhere.
 * @throws DATABASE_NESTED_FORK
 */
export function refuseNestedConnection(): void {
  if (isInTransaction()) throw databaseError('DATABASE_NESTED_FORK')
}

/** Runs `work` as the inside of a transaction; the returned hooks are due after the commit. */
export async function runInTransactionScope<Result>(
  work: () => Promise<Result>,
): Promise<{ result: Result; afterCommit: readonly (() => void | Promise<void>)[] }> {
  const scope: TransactionScope = { afterCommit: [] }
  const result = await scopes.run(scope, work)
  return { result, afterCommit: scope.afterCommit }
}

/** Runs `work` outside the caller's transaction, for hooks that were due after its commit. */
export function leaveTransactionScope<Result>(work: () => Result): Result {
  return scopes.exit(work)
}

/** Has `hook` run once after the surrounding transaction commits; never when it rolls back. */
export function afterCommit(hook: () => void | Promise<void>): void {
  const scope = scopes.getStore()
  if (!scope) throw new Error('afterCommit() stands only inside a transaction')
  scope.afterCommit.push(hook)
}
