import type { SqlEntityManager } from '@mikro-orm/sql'

/**
 * A unit of work of its own within the caller's transaction and reach: what it flushes commits or
 * rolls back with the caller's, but nothing of the caller's pending changes goes along.
 */
export const forkInside = (tx: SqlEntityManager): SqlEntityManager =>
  tx.fork({ keepTransactionContext: true })
