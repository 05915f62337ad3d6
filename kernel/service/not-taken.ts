/** In place of an answer: the service said at its door that it takes nothing of the request. */
export class NotTakenError extends Error {
  override readonly name = 'NotTakenError'
}

/** Looking up a name, and opening a connection: nothing of a request was sent yet. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** A connection that ended: what was sent on it may have arrived. */
const BROKEN = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_SOCKET',
])

/** Connections that this process closed itself. */
const CLOSED_HERE = new Set(['UND_ERR_CLOSED', 'UND_ERR_DESTROYED'])

type SocketFailure = Error & { code?: unknown; syscall?: unknown }

/** Looks at a failure and at what caused it, whichever layer wrapped it. */
function isAnywhere(failure: unknown, applies: (failure: SocketFailure) => boolean): boolean {
  if (!(failure instanceof Error)) return false
  return applies(failure) || isAnywhere(failure.cause, applies)
}

const isIn = (codes: ReadonlySet<string>, { code }: SocketFailure) =>
  typeof code === 'string' && codes.has(code)

function isNotSent(failure: SocketFailure): boolean {
  // Several addresses of one name, each tried: it depends on what became of the last.
  if (failure instanceof AggregateError && failure.errors.length > 0) {
    return failure.errors.every((error) => error instanceof Error && isNotSent(error))
  }
  return isIn(NOT_SENT, failure) || failure.syscall === 'connect'
}

/** True where certainly nothing of a request was taken: then even a change may be sent again. */
export const isNotTaken = (failure: unknown): boolean =>
  isAnywhere(failure, (error) => error instanceof NotTakenError || isNotSent(error))

/** True where this process gave its connections up, because it stops. */
export const isClosedHere = (failure: unknown): boolean =>
  isAnywhere(failure, (error) => isIn(CLOSED_HERE, error))

/** True for every failure of sockets and name look-up, and for what the other side did not take. */
export const isUnreachable = (failure: unknown): boolean =>
  isNotTaken(failure) ||
  isAnywhere(failure, (error) => isIn(BROKEN, error) || isIn(CLOSED_HERE, error))
