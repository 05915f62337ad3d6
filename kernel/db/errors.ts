import { type DomainError, defineErrors } from '../errors.ts'

export const databaseError = defineErrors({
  DATABASE_URL_INVALID:
    'A database URL is sqlite:<path>, sqlite::memory:, mariadb://user:password@host:port/name or mysql://….',
  DATABASE_UNREACHABLE: 'The database cannot be opened.',
  DATABASE_BUSY: 'The database is busy. Try again in a moment.',
  DATABASE_NESTED_FORK:
    'A second connection was asked for inside an open transaction; use the transaction handed in.',
  TENANT_ISOLATION_VIOLATED: 'A write would have crossed the border of a tenant or guild.',
  ID_INVALID: 'An id is a positive whole number in decimal digits.',
  WHERE_TOO_LARGE: 'The where argument is too deep, too wide or holds too long a list.',
  PAGE_CURSOR_INVALID: 'The page cursor is not one that this list has given out.',
  PAGE_SIZE_INVALID: 'Ask for a page of 1 to 100 items, forward by first or backward by last.',
})

/** Failures that reach a caller through the ORM's own wrapping, by their code. */
const DRIVER_FAILURES: Readonly<Record<string, keyof typeof databaseError.catalogue>> = {
  DATABASE_BUSY: 'DATABASE_BUSY',
  ECONNREFUSED: 'DATABASE_UNREACHABLE',
  ECONNRESET: 'DATABASE_UNREACHABLE',
  ETIMEDOUT: 'DATABASE_UNREACHABLE',
  EPIPE: 'DATABASE_UNREACHABLE',
  PROTOCOL_CONNECTION_LOST: 'DATABASE_UNREACHABLE',
}

/** The coded refusal that a driver's failure stands for, or null when it is a bug. */
export function toDatabaseRefusal(failure: unknown): DomainError | null {
  if (!(failure instanceof Error) || !('code' in failure)) return null
  const code = DRIVER_FAILURES[String(failure.code)]
  return code === undefined ? null : databaseError(code, {}, { cause: failure })
}
