import type { Logger } from '../log.ts'
import { pause } from '../time-limit.ts'
import { isAccessDenied, isUnreachable } from './errors.ts'
import { openConnection, type ServerConnection, type ServerOptions } from './mysql-connection.ts'

/** A server that restarts within this time fails nobody who has yet to be connected; then each is told at once. */
const GRACE_MS = 8_000
const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 500

/** Says once that the server went, and once that it is back. */
function createOutage(log: Logger) {
  let since: number | null = null
  let wasThere = false
  return {
    ended: () => {
      wasThere = true
      if (since === null) return
      log.info({ milliseconds: Math.round(performance.now() - since) }, 'the database is back')
      since = null
    },
    began: (failure: unknown) => {
      if (since === null) log.warn({ err: failure }, 'the database cannot be reached')
      since ??= performance.now()
    },
    /** What was open was lost: whatever failed before, the server was there a moment ago. */
    lost: () => {
      since = null
    },
    /** True while the server may just be restarting. */
    isYoung: () => wasThere && since !== null && performance.now() - since < GRACE_MS,
  }
}

/** Opens connections, and waits a moment for a server that went. */
export function createOpening(options: ServerOptions & { log: Logger }, isClosed: () => boolean) {
  const outage = createOutage(options.log)
  const open = async (withinMs: number): Promise<ServerConnection> => {
    try {
      const connection = await openConnection(options, withinMs)
      outage.ended()
      return connection
    } catch (failure) {
      outage.began(failure)
      throw failure
    }
  }
  const mayReturn = (failure: unknown) =>
    isUnreachable(failure) && !isAccessDenied(failure) && outage.isYoung() && !isClosed()
  const openPatiently = async (withinMs: number): Promise<ServerConnection> => {
    const end = performance.now() + withinMs
    for (let waitMs = FIRST_PAUSE_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_PAUSE_MS)) {
      try {
        return await open(end - performance.now())
      } catch (failure) {
        if (!mayReturn(failure) || performance.now() + waitMs >= end) throw failure
      }
      await pause(waitMs)
    }
  }
  return { open, openPatiently, wasLost: outage.lost }
}
