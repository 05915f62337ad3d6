import { connect as connectSocket, type Socket } from 'node:net'
import { type Connection, createConnection } from 'mysql2'

/** Where a server is, and how its values are read. */
export type ServerOptions = {
  url: URL
  /** MySQL's driver parses JSON columns itself; MariaDB's platform does that in the ORM. */
  jsonStrings: boolean
  /** Longest time for one statement. */
  timeoutMs: number
  /** Longest wait for a table that somebody uses while it is to be changed; by default most of `timeoutMs`. */
  tableWaitMs?: number | undefined
}

/** One connection to a server. */
export type ServerConnection = {
  /** False once it was lost or given up: nothing more is sent over it. */
  isAlive: () => boolean
  /** Milliseconds of the process's own count when it was opened, and when the server last answered. */
  openedAt: number
  heardAt: () => number
  /** What the driver makes of the answer; after `withinMs` the connection is given up, for nobody knows its state. */
  ask: (sql: string, parameters: readonly unknown[], withinMs?: number) => Promise<unknown>
  /** Says goodbye. */
  end: () => void
  /** Breaks it off: who waits for an answer is refused with the failure. */
  destroy: (failure?: Error) => void
}

const CONNECT_TIMEOUT_MS = 5_000
/** A peer that vanished without a word is asked after so long a silence. */
const KEEP_ALIVE_MS = 10_000
/** A client that froze inside a transaction holds its locks no longer than this. */
const IDLE_TRANSACTION_SECONDS = 60

/** A failure of our own making, known by its code as the driver's are. */
export const connectionFailure = (code: string, message: string, cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), { code })

/**
 * The server's own bounds, below ours: what waits for a lock or runs too long is ended there with an
 * answer, and the connection lives on. Ours is for servers that do not answer. Each of the two
 * comments is read by MariaDB or by MySQL alone.
 */
function sessionBounds({ timeoutMs, tableWaitMs = timeoutMs }: ServerOptions): string {
  const seconds = (share: number, ms = timeoutMs) => Math.max(1, Math.floor((ms * share) / 1_000))
  const tableWait = seconds(0.9, tableWaitMs)
  return [
    `set session innodb_lock_wait_timeout = ${seconds(0.5)}, lock_wait_timeout = ${tableWait}`,
    `/*M!100302 , max_statement_time = ${seconds(0.9)}, idle_transaction_timeout = ${IDLE_TRANSACTION_SECONDS} */`,
    `/*!50708 , max_execution_time = ${seconds(0.9) * 1_000} */`,
  ].join(' ')
}

function openSocket(url: URL): Socket {
  const port = url.port === '' ? 3306 : Number(url.port)
  const socket = connectSocket({ host: url.hostname, port, keepAlive: true, noDelay: true })
  return socket.once('connect', () => socket.setKeepAlive(true, KEEP_ALIVE_MS))
}

const toDriverOptions = ({ url, jsonStrings }: ServerOptions, socket: Socket) => ({
  stream: () => socket,
  user: decodeURIComponent(url.username),
  password: decodeURIComponent(url.password),
  database: decodeURIComponent(url.pathname.slice(1)),
  charset: 'utf8mb4',
  timezone: 'Z',
  dateStrings: true,
  supportBigNumbers: true,
  jsonStrings,
})

const connected = (raw: Connection) =>
  new Promise<void>((resolve, reject) => {
    raw.connect((failure) => (failure ? reject(failure) : resolve()))
  })

/** The driver hangs the whole statement, values and all, on its failures: they are nobody's business. */
function withoutStatement(failure: unknown): unknown {
  if (failure instanceof Error && 'sql' in failure) delete failure.sql
  return failure
}

function toServerConnection(raw: Connection, socket: Socket, timeoutMs: number): ServerConnection {
  const openedAt = performance.now()
  let heardAt = openedAt
  let isAlive = true
  const gone = () => {
    isAlive = false
  }
  raw.on('end', gone)
  raw.on('error', gone)
  socket.on('close', gone)
  const destroy = (failure?: Error) => {
    isAlive = false
    socket.destroy(failure)
  }
  const ask: ServerConnection['ask'] = (sql, parameters, withinMs = timeoutMs) =>
    new Promise((resolve, reject) => {
      // The driver's own refusal has no code.
      if (!isAlive) throw connectionFailure('PROTOCOL_CONNECTION_LOST', 'the connection was lost')
      let isAnswered = false
      const giveUp = () => {
        if (isAnswered) return
        destroy(connectionFailure('ETIMEDOUT', 'the database did not answer a statement in time'))
      }
      // A process that stood still finds its time over before it has read what came: that first.
      const timer = setTimeout(() => setImmediate(giveUp), withinMs)
      raw.query(sql, [...parameters], (failure, result) => {
        isAnswered = true
        clearTimeout(timer)
        if (failure) return reject(withoutStatement(failure))
        heardAt = performance.now()
        resolve(result)
      })
    })
  return {
    isAlive: () => isAlive,
    openedAt,
    heardAt: () => heardAt,
    ask,
    end: () => {
      isAlive = false
      raw.end()
      // Also where nobody reads the goodbye.
      socket.destroySoon()
    },
    destroy,
  }
}

/** Opens a connection and sets its session up. @throws what the socket or the server says */
export async function openConnection(
  options: ServerOptions,
  withinMs: number,
): Promise<ServerConnection> {
  const socket = openSocket(options.url)
  const connectTimeout = Math.max(1, Math.min(CONNECT_TIMEOUT_MS, withinMs))
  const raw = createConnection({ ...toDriverOptions(options, socket), connectTimeout })
  const connection = toServerConnection(raw, socket, options.timeoutMs)
  try {
    await connected(raw)
    await connection.ask(sessionBounds(options), [], connectTimeout)
    return connection
  } catch (failure) {
    connection.destroy()
    throw failure
  }
}
