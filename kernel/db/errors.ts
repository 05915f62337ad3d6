import { type DomainError, defineErrors, isDomainError } from '../errors.ts'

export const databaseError = defineErrors({
  DATABASE_URL_INVALID:
    'A database URL is sqlite:<path>, sqlite::memory:, mariadb://user:password@host:port/name or mysql://….',
  DATABASE_UNREACHABLE: 'The database cannot be reached at the moment. Try again shortly.',
  DATABASE_ACCESS_DENIED:
    'The database refuses the user or password of DATABASE_URL_…. Correct them and start again.',
  DATABASE_BUSY: 'The database is busy. Try again in a moment.',
  DATABASE_FULL:
    'The database has no room left, or its disk fails: nothing was written. Try again when there is room.',
  DATABASE_OUTCOME_UNKNOWN:
    'The database was lost while it committed: the change may stand or not. Look before you try again.',
  DATABASE_MIGRATION_LOCKED:
    'Another process has been migrating this database for longer than one waits for it.',
  DATABASE_NESTED_FORK:
    'A second connection was asked for inside an open transaction; use the transaction handed in.',
  TENANT_ISOLATION_VIOLATED: 'A write would have crossed the border of a tenant or guild.',
  ID_INVALID: 'An id is a positive whole number in decimal digits.',
  WHERE_TOO_LARGE: 'The where argument is too deep, too wide or holds too long a list.',
  PAGE_CURSOR_INVALID: 'The page cursor is not one that this list has given out.',
  PAGE_SIZE_INVALID: 'Ask for a page of 1 to 100 items, forward by first or backward by last.',
})

type Code = keyof typeof databaseError.catalogue

/** Refusals that say that the database cannot serve now, and nothing of what was asked. */
const OUTAGES: ReadonlySet<string> = new Set<Code>([
  'DATABASE_UNREACHABLE',
  'DATABASE_BUSY',
  'DATABASE_FULL',
  'DATABASE_OUTCOME_UNKNOWN',
])

/** True for the code of a refusal that says that the database cannot serve now, and nothing of what was asked. */
export const isOutageCode = (code: string): boolean => OUTAGES.has(code)

const codes = (code: Code, failures: readonly (string | number)[]) =>
  failures.map((failure) => [String(failure), code] as const)

/** Failures of sockets and of the pool by their code, of the server by their number. */
const DRIVER_FAILURES: ReadonlyMap<string, Code> = new Map([
  // Refusals of the pool and of the turns on SQLite, which the ORM wraps.
  ...[...OUTAGES].map((code) => [code, code as Code] as const),
  ...codes('DATABASE_UNREACHABLE', [
    ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'ETIMEDOUT', 'EPIPE'],
    ...['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENOTFOUND', 'EAI_AGAIN'],
    ...['PROTOCOL_CONNECTION_LOST', 'PROTOCOL_SEQUENCE_TIMEOUT', 'PROTOCOL_PACKETS_OUT_OF_ORDER'],
    // Too many connections; shutting down; it ends this connection or statement; a host it does not let in.
    ...[1040, 1053, 1077, 1079, 1080, 1129, 1130, 1203, 1226, 1927],
    // Read only, as a server is while another takes over from it; a node of Galera that has lost the others.
    ...[1290, 1836, 1047],
    // The user or the database is not there (yet, or any more).
    ...[1044, 1045, 1049, 1698],
  ]),
  // Deadlock, lock wait; a statement that was ended, or over the server's own bound (MariaDB, MySQL).
  ...codes('DATABASE_BUSY', [1213, 1205, 1317, 1969, 3024]),
  ...codes('DATABASE_FULL', [1021, 1026, 1114]),
])

/** Results of SQLite by their primary code: https://www.sqlite.org/rescode.html */
const SQLITE_RESULTS: ReadonlyMap<number, Code> = new Map([
  [5, 'DATABASE_BUSY'],
  [6, 'DATABASE_BUSY'],
  [10, 'DATABASE_FULL'],
  [13, 'DATABASE_FULL'],
  [14, 'DATABASE_UNREACHABLE'],
])

type DriverFailure = Error & { code?: unknown; errno?: unknown; errcode?: unknown }

function codeOf({ code, errno, errcode }: DriverFailure): Code | undefined {
  if (code === 'ERR_SQLITE_ERROR') return SQLITE_RESULTS.get(Number(errcode) & 0xff)
  return DRIVER_FAILURES.get(String(code)) ?? DRIVER_FAILURES.get(String(errno))
}

/** The coded refusal that a driver's failure stands for, or null when it is a bug. */
export function toDatabaseRefusal(failure: unknown): DomainError | null {
  if (!(failure instanceof Error)) return null
  const code = codeOf(failure)
  return code === undefined ? null : databaseError(code, {}, { cause: failure })
}

/** The refusal that a failure is or, where it is a driver's, stands for; null when it is a bug. */
export const asRefusal = (failure: unknown): DomainError | null =>
  isDomainError(failure) ? failure : toDatabaseRefusal(failure)

const isOf = (code: Code, failure: unknown) => failure instanceof Error && codeOf(failure) === code

/** True when the database was not there: nothing was asked of it, or it went before it answered. */
export const isUnreachable = (failure: unknown): boolean => isOf('DATABASE_UNREACHABLE', failure)

/** True when SQLite had no room to write, or its disk failed. */
export const isFull = (failure: unknown): boolean => isOf('DATABASE_FULL', failure)

/** True when the server gave up the wait for a lock: of a row, or of a table that is to be changed. */
export const isLockWait = (failure: unknown): boolean =>
  failure instanceof Error && 'errno' in failure && failure.errno === 1205

const DEADLOCKS = new Set<unknown>([1205, 1213])

/** True when the server answered that it gave the transaction up, or the wait for a lock: nothing was committed. */
export function isDeadlock(failure: unknown): boolean {
  if (!(failure instanceof Error)) return false
  const { errno, errcode }: DriverFailure = failure
  return DEADLOCKS.has(errno) || SQLITE_RESULTS.get(Number(errcode) & 0xff) === 'DATABASE_BUSY'
}

/** MariaDB and MySQL answer so to a user or password they do not know. */
const DENIED = new Set<unknown>(['ER_ACCESS_DENIED_ERROR', 'ER_ACCESS_DENIED_NO_PASSWORD_ERROR'])

/** True when the server knows neither user nor password: waiting does not help. */
export const isAccessDenied = (failure: unknown): boolean =>
  failure instanceof Error && 'code' in failure && DENIED.has(failure.code)
