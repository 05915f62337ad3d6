import { randomInt } from 'node:crypto'
import {
  DeadlockException,
  type EntityClass,
  LockWaitTimeoutException,
  MikroORM,
} from '@mikro-orm/core'
import type { SqlEntityManager } from '@mikro-orm/sql'
import type { Reach } from '../auth/viewer.ts'
import { isDomainError } from '../errors.ts'
import type { Logger } from '../log.ts'
import { asRefusal, databaseError, isAccessDenied, isDeadlock, isUnreachable } from './errors.ts'
import { ormOptions, type Reaching, reach } from './orm-options.ts'
import { setReach } from './tenant-filter.ts'
import {
  leaveTransactionScope,
  refuseNestedConnection,
  runInTransactionScope,
} from './transaction-scope.ts'

export type { SqlEntityManager } from '@mikro-orm/sql'

export type Engine = 'sqlite' | 'mariadb' | 'mysql'

export type DatabaseOptions = {
  /** The subgraph whose database it is. */
  name: string
  /** `sqlite:<path>`, `sqlite::memory:`, `mariadb://…` or `mysql://…` */
  url: string
  entities: readonly EntityClass<object>[]
  /** Entities whose rows without tenant are visible to every reach, such as roles. */
  platformRowsVisible?: readonly EntityClass<object>[]
  /** Folders of the migrations, one for each dialect. */
  migrations: { sqlite: string; mysql: string }
  log: Logger
  /** Connections at most, MariaDB and MySQL only; 10 unless told. */
  connectionLimit?: number
  /** Longest time for one statement, and for the wait for a connection, MariaDB and MySQL only; 10 s unless told. */
  timeoutMs?: number
  /** Longest wait for a table that is to be changed while somebody uses it, on a server; then it is tried again. */
  tableWaitMs?: number
}

export type Database = Awaited<ReturnType<typeof openDatabase>>

const DEADLOCK_TRIES = 8
const DEADLOCK_PAUSE_MILLISECONDS = 5
/** Tries of a transaction whose connection was lost; the pool itself waits for a server that restarts. */
const LOST_TRIES = 3
/** After so long no further try begins: who asked has waited as long as for a statement. */
const TRIES_WITHIN_MS = 10_000
const PING_TIMEOUT_MS = 2_000

/** Resolves a database URL to its engine, once, at the edge. @throws DATABASE_URL_INVALID */
export function engineOf(url: string): Engine {
  if (/^sqlite:.+/.test(url)) return 'sqlite'
  const scheme = URL.canParse(url) ? new URL(url).protocol : ''
  if (scheme === 'mariadb:') return 'mariadb'
  if (scheme === 'mysql:') return 'mysql'
  throw databaseError('DATABASE_URL_INVALID')
}

/**
 * How often a transaction that failed so may be tried in all: a COMMIT that was sent and not answered
 * is none of these, so nothing can come to stand twice.
 */
function triesAfter(failure: unknown): number {
  const isOfTheOrm =
    failure instanceof DeadlockException || failure instanceof LockWaitTimeoutException
  if (isOfTheOrm || isDeadlock(failure)) return DEADLOCK_TRIES
  return isUnreachable(failure) ? LOST_TRIES : 1
}

/** One try of a transaction on a fresh fork that sees what `em` sees. */
async function tryTransaction<Result>(
  em: SqlEntityManager,
  work: (tx: SqlEntityManager) => Promise<Result>,
): Promise<Result> {
  const fork = em.fork({ clear: true })
  let hooks: readonly (() => void | Promise<void>)[] = []
  const result = await fork.transactional(async (tx) => {
    const inside = await runInTransactionScope(() => work(tx as SqlEntityManager))
    hooks = inside.afterCommit
    return inside.result
  })
  for (const hook of hooks) await leaveTransactionScope(hook)
  return result
}

/**
 * Runs `work` in one transaction on a fork of its own; what it reads it must read inside. A deadlock
 * is tried again, at most eight times in all, and a connection that was lost before the commit was
 * sent at most three times; no try begins later than ten seconds after the first.
 * @throws DATABASE_NESTED_FORK when called inside another transaction, DATABASE_BUSY when every try
 * deadlocked, DATABASE_OUTCOME_UNKNOWN when the answer to the commit was lost
 */
export async function transactional<Result>(
  em: SqlEntityManager,
  work: (tx: SqlEntityManager) => Promise<Result>,
): Promise<Result> {
  const end = performance.now() + TRIES_WITHIN_MS
  for (let tries = 1; ; tries++) {
    try {
      return await tryTransaction(em, work)
    } catch (failure) {
      const most = triesAfter(failure)
      if (tries >= most || performance.now() > end) {
        if (most !== DEADLOCK_TRIES) throw failure
        throw databaseError('DATABASE_BUSY', {}, { cause: failure })
      }
      const pause = DEADLOCK_PAUSE_MILLISECONDS * randomInt(1, 2 ** tries)
      await new Promise((resume) => setTimeout(resume, pause))
    }
  }
}

function toOpeningRefusal(cause: unknown, database: string): unknown {
  if (isDomainError(cause)) return cause
  const code = isAccessDenied(cause) ? 'DATABASE_ACCESS_DENIED' : 'DATABASE_UNREACHABLE'
  return databaseError(code, { database }, { cause })
}

async function connect(options: DatabaseOptions, engine: Engine, reaching: Reaching) {
  const orm = await MikroORM.init(ormOptions(options, engine, reaching))
  await orm.connect()
  const check = await orm.checkConnection()
  if (check.ok) return orm
  await orm.close(true)
  throw check.error ?? new Error(check.reason)
}

/** The ORM on a database that answers. @throws DATABASE_URL_INVALID, DATABASE_UNREACHABLE, DATABASE_ACCESS_DENIED */
export async function openOrm(options: DatabaseOptions) {
  const engine = engineOf(options.url)
  const reaching = await reach(options, engine)
  const orm = await connect(options, engine, reaching).catch((cause: unknown) => {
    throw toOpeningRefusal(cause, options.name)
  })
  return { engine, orm, reaching }
}

/** Whether the database answers and takes writes. @throws what it fails with */
async function check(orm: MikroORM, { probe, checkRoom }: Reaching): Promise<void> {
  if (probe) return probe(PING_TIMEOUT_MS)
  const answer = await orm.checkConnection()
  if (!answer.ok) throw answer.error ?? new Error(answer.reason)
  checkRoom()
}

/** Opens a subgraph's database. @throws DATABASE_URL_INVALID, DATABASE_UNREACHABLE, DATABASE_ACCESS_DENIED */
export async function openDatabase(options: DatabaseOptions) {
  const { engine, orm, reaching } = await openOrm(options)
  const fork = (reach: Reach): SqlEntityManager => {
    refuseNestedConnection()
    const em = orm.em.fork({ clear: true }) as SqlEntityManager
    setReach(em, reach)
    return em
  }
  return {
    name: options.name,
    engine,
    orm,
    /** How it was opened; holds the password. */
    options,
    /** A fresh unit of work that sees and writes the rows of `reach` alone. */
    fork,
    /** A fresh unit of work for the platform's own tasks: the filter and the guard are lifted. */
    acrossTenants: (): SqlEntityManager => fork({ kind: 'platform' }),
    /** A server answers within about two seconds, or it throws DATABASE_UNREACHABLE; SQLite also DATABASE_FULL. */
    ping: () =>
      check(orm, reaching).catch((cause: unknown) => {
        throw asRefusal(cause) ?? databaseError('DATABASE_UNREACHABLE', {}, { cause })
      }),
    close: (): Promise<void> => orm.close(true),
  }
}
