import type { Logger } from '../log.ts'
import { pause } from '../time-limit.ts'
import { isLockWait, isUnreachable } from './errors.ts'
import { connectionFailure, type ServerConnection, type ServerOptions } from './mysql-connection.ts'
import { createOpening } from './mysql-opening.ts'
import { createServerRoom } from './mysql-room.ts'
import { createTurns } from './mysql-turns.ts'

export type PoolOptions = ServerOptions & {
  /** Connections at most; one more looks whether the server is there. */
  connectionLimit: number
  log: Logger
}

/** A connection lent to one user until it is given back. */
export type Lease = {
  ask: (sql: string, parameters: readonly unknown[]) => Promise<unknown>
  release: () => void
}

export type Pool = ReturnType<typeof createPool>

/** After so long a silence a connection is asked before it is lent. */
const SILENCE_MS = 5_000
const CHECK_MS = 1_000
/** Then it gives way to a new one, which a balancer may lead to another server. */
const OLDEST_MS = 600_000

/** What may be asked once more where nothing else was asked over a connection that was lost: it changed nothing. */
const CHANGES_NOTHING = /^\s*(?:begin\s*$|select\b)/i

const CHANGES_A_TABLE = /^\s*(?:alter|create|drop|rename)\b/i
const TABLE_PAUSE_MS = 1_000
const TABLE_PATIENCE_MS = 900_000

/** Then its outcome is not known, and the time for it is spent. */
const isOutOfTime = (failure: unknown) =>
  failure instanceof Error && 'code' in failure && failure.code === 'ETIMEDOUT'

/** Connections that nobody uses, the last used first. */
function createIdle(log: Logger, isClosed: () => boolean) {
  const idle: ServerConnection[] = []
  let lostAt = 0
  const isSuspect = ({ heardAt }: ServerConnection) =>
    performance.now() - heardAt() > SILENCE_MS || heardAt() < lostAt
  const answers = async (connection: ServerConnection): Promise<boolean> => {
    try {
      await connection.ask('select 1', [], CHECK_MS)
      return true
    } catch (failure) {
      log.warn({ err: failure }, 'a connection to the database was dead')
      connection.destroy()
      // They were silent for longer.
      for (const other of idle.splice(0)) other.destroy()
      return false
    }
  }
  return {
    /** A connection was lost: those not heard of since are asked before they are lent. */
    lost: (failure: unknown) => {
      lostAt = performance.now()
      log.warn({ err: failure }, 'a connection to the database was lost')
    },
    take: async (): Promise<ServerConnection | undefined> => {
      for (let next = idle.pop(); next; next = idle.pop()) {
        if (next.isAlive() && (!isSuspect(next) || (await answers(next)))) return next
      }
      return undefined
    },
    put: (connection: ServerConnection, most: number) => {
      if (!connection.isAlive()) return
      const isSpare = idle.length >= most || performance.now() - connection.openedAt > OLDEST_MS
      if (isSpare || isClosed()) connection.end()
      else idle.push(connection)
    },
    endAll: () => {
      for (const connection of idle.splice(0)) connection.end()
    },
  }
}

/** Is a transaction open after the statement? */
const TRANSACTION_WORDS: Readonly<Record<string, boolean>> = {
  begin: true,
  commit: false,
  rollback: false,
}

/**
 * Asks, and asks again where a table that is to be changed is in use: nothing was changed yet, and
 * between two tries those pass who would else wait behind this one.
 */
async function askPatiently(
  connection: ServerConnection,
  sql: string,
  parameters: readonly unknown[],
): Promise<unknown> {
  const end = performance.now() + TABLE_PATIENCE_MS
  for (;;) {
    try {
      return await connection.ask(sql, parameters)
    } catch (failure) {
      const isInUse = CHANGES_A_TABLE.test(sql) && isLockWait(failure)
      if (!isInUse || performance.now() > end) throw failure
    }
    await pause(TABLE_PAUSE_MS)
  }
}

type Lending = {
  lost: (failure: unknown) => void
  /** Told of every statement that failed. */
  failed: (failure: unknown) => void
  replace: () => Promise<ServerConnection>
  giveBack: (connection: ServerConnection) => void
}

/** One use of a connection: the first statement may move to another one, no later one may. */
function lend(first: ServerConnection, lending: Lending): Lease {
  const { lost, failed, replace, giveBack } = lending
  let connection = first
  let isFresh = true
  let isOpen = false
  let isSpoiled = false
  let isReleased = false
  const isLost = (failure: unknown) => {
    if (!isUnreachable(failure)) return false
    lost(failure)
    isSpoiled = true
    return !isOutOfTime(failure)
  }
  const send: Lease['ask'] = async (sql, parameters) => {
    // Until the server has answered a transaction may be open.
    if (sql in TRANSACTION_WORDS) isOpen = true
    const result = await askPatiently(connection, sql, parameters)
    isOpen = TRANSACTION_WORDS[sql] ?? isOpen
    return result
  }
  return {
    ask: async (sql, parameters) => {
      const mayMove = isFresh && CHANGES_NOTHING.test(sql)
      isFresh = false
      try {
        return await send(sql, parameters)
      } catch (failure) {
        failed(failure)
        if (!isLost(failure) || !mayMove) throw failure
      }
      connection.destroy()
      connection = await replace()
      isOpen = false
      isSpoiled = false
      return send(sql, parameters)
    },
    release: () => {
      if (isReleased) return
      isReleased = true
      if (isSpoiled || isOpen) connection.destroy()
      giveBack(connection)
    },
  }
}

/**
 * A bounded pool. Every wait ends: for a turn and for a statement after `timeoutMs`, for a connection
 * to open after five seconds. A connection whose state is not known never comes back.
 */
export function createPool(options: PoolOptions) {
  const { connectionLimit, timeoutMs, log } = options
  const room = createServerRoom(log)
  let isClosed = false
  const closed = () => connectionFailure('DATABASE_UNREACHABLE', 'the pool is closed')
  const turns = createTurns(connectionLimit, timeoutMs)
  const idle = createIdle(log, () => isClosed)
  const { open, openPatiently, wasLost } = createOpening(options, () => isClosed)
  const giveBack = (connection: ServerConnection) => {
    idle.put(connection, connectionLimit)
    turns.give()
  }
  const borrow = async () => (await idle.take()) ?? (await openPatiently(timeoutMs))
  let probing: Promise<void> | null = null
  const look = async (withinMs: number): Promise<void> => {
    const connection = (await idle.take()) ?? (await open(withinMs / 2))
    try {
      await connection.ask('select 1', [], withinMs / 2)
    } catch (failure) {
      connection.destroy()
      throw failure
    }
    idle.put(connection, connectionLimit)
  }
  const lost = (failure: unknown) => {
    idle.lost(failure)
    wasLost()
  }
  const lending = {
    ...{ lost, replace: () => openPatiently(timeoutMs), giveBack },
    failed: room.failed,
  }
  return {
    acquire: async (): Promise<Lease> => {
      if (isClosed) throw closed()
      await turns.take()
      try {
        return lend(await borrow(), lending)
      } catch (failure) {
        turns.give()
        throw failure
      }
    },
    /** Whether the server answers and has room, however many wait for a connection. */
    probe: async (withinMs: number): Promise<void> => {
      if (isClosed) throw closed()
      // One look for all who ask at the same time: it may need a connection beyond the limit.
      probing ??= look(withinMs).finally(() => {
        probing = null
      })
      await probing
      room.check()
    },
    /** Nothing new is lent; what is lent ends when it comes back. */
    close: (): void => {
      isClosed = true
      turns.refuseAll(closed())
      idle.endAll()
    },
  }
}
