import { LockMode } from '@mikro-orm/core'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import { Fixture } from '../../entities/fixture.ts'

const inOrder = (ids: readonly string[]) => ({ id: { $in: [...new Set(ids)] } })

/**
 * Takes fixtures for a change, as they stand now, until commit. Whoever bets on them is waited for, and so whoever
 * settles them afterwards sees every bet that was let in before.
 */
export const lockFixtures = (tx: SqlEntityManager, ids: readonly string[]): Promise<Fixture[]> =>
  tx.find(Fixture, inOrder(ids), {
    orderBy: { id: 'asc' },
    lockMode: LockMode.PESSIMISTIC_WRITE,
    refresh: true,
  })

/** Keeps fixtures as they are until commit; others may keep them too. */
export const holdFixtures = (tx: SqlEntityManager, ids: readonly string[]): Promise<Fixture[]> =>
  tx.find(Fixture, inOrder(ids), {
    orderBy: { id: 'asc' },
    lockMode: LockMode.PESSIMISTIC_READ,
    refresh: true,
  })
