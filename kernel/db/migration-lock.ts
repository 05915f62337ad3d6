import type { MikroORM } from '@mikro-orm/core'
import type { AbstractSqlConnection } from '@mikro-orm/sql'
import { CompiledQuery, type Kysely } from 'kysely'
import type { Logger } from '../log.ts'
import { databaseError } from './errors.ts'

/** One for each database of a server; a lock's name has 64 characters at most. */
const NAME = `left(concat('dbsbm migrate ', database()), 64)`
/** A wait in one statement; between two of them the signal is heeded. */
const WAIT_SECONDS = 2
/** Longer than a migration's own bound: whoever waits does not give up before the one who works. */
const LONGEST_WAIT_MS = 900_000

export type LockDeps = { log: Logger; signal?: AbortSignal; lockWaitMs?: number }

type Client = Kysely<unknown>

async function ask(client: Client, expression: string): Promise<boolean> {
  const query = CompiledQuery.raw(`select ${expression} as answer`)
  const { rows } = await client.executeQuery<{ answer: unknown }>(query)
  return Number(rows[0]?.answer) === 1
}

async function take(
  client: Client,
  { log, signal, lockWaitMs = LONGEST_WAIT_MS }: LockDeps,
): Promise<void> {
  const end = performance.now() + lockWaitMs
  for (let tries = 1; ; tries++) {
    signal?.throwIfAborted()
    if (await ask(client, `get_lock(${NAME}, ${WAIT_SECONDS})`)) return
    if (performance.now() > end) throw databaseError('DATABASE_MIGRATION_LOCKED')
    if (tries === 1) log.info('another process migrates the database; this one waits for it')
  }
}

/**
 * Runs `work` while no other process holds the lock of the same database on the same server. It is
 * the session's: it is let go when `orm` closes, or the process dies. @throws DATABASE_MIGRATION_LOCKED, the signal's reason
 */
export function withMigrationLock<Result>(
  orm: MikroORM,
  deps: LockDeps,
  work: () => Promise<Result>,
): Promise<Result> {
  const connection = orm.em.getConnection() as unknown as AbstractSqlConnection
  return connection
    .getClient<unknown>()
    .connection()
    .execute(async (held) => {
      await take(held, deps)
      return work()
    })
}
