import { LockMode } from '@mikro-orm/core'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import { User } from '../entities/user.ts'

/**
 * A person's row, held until the transaction ends. Whoever makes a token takes it before he reads
 * rights and the time, whoever takes rights away before he says since when: so that a token with
 * the old rights is never younger than their end. The first statement of a transaction: what was
 * read before it may be older.
 */
export const lockUser = (tx: SqlEntityManager, id: string): Promise<User | null> =>
  tx.findOne(User, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE })
