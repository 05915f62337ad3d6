import type { Logger } from '../log.ts'
import { isUnreachable } from './errors.ts'
import { connectionFailure, type ServerConnection, type ServerOptions } from './mysql-connection.ts'
import { createOpening } from './mysql-opening.ts'
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

type Lending = {
  lost: (failure: unknown) => void
  replace: () => Promise<ServerConnection>
  giveBack: (connection: ServerConnection) => void
}

/** One use of a connection: the first statement may move to another one, no later one may. */
function lend(first: ServerConnection, { lost, replace, giveBack }: Lending): Lease {
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
    const result = await connection.ask(sql, parameters)
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
  let isClosed = false
  const closed = () => connectionFailure('DATABASE_UNREACHABLE', 'the pool is closed')
  const turns = createTurns(connectionLimit, timeoutMs)
  const idle = createIdle(log, () => isClosed)
  const { open, openPatiently } = createOpening(options, () => isClosed)
  const giveBack = (connection: ServerConnection) => {
    idle.put(connection, connectionLimit)
    turns.give()
  }
  const borrow = async () => (await idle.take()) ?? (await openPatiently(timeoutMs))
  const lending = { lost: idle.lost, replace: () => openPatiently(timeoutMs), giveBack }
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
    /** Whether the server answers, however many wait for a connection. */
    probe: async (withinMs: number): Promise<void> => {
      if (isClosed) throw closed()
      const connection = (await idle.take()) ?? (await open(withinMs / 2))
      await connection.ask('select 1', [], withinMs / 2)
      idle.put(connection, connectionLimit)
    },
    /** Nothing new is lent; what is lent ends when it comes back. */
    close: (): void => {
      isClosed = true
      turns.refuseAll(closed())
      idle.endAll()
    },
  }
}
