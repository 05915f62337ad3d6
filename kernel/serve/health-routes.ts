import type { Database } from '../db/database.ts'
import { isDomainError } from '../errors.ts'
import type { Route } from '../service/subgraph.ts'
import { jsonAnswer } from './answers.ts'

export type ReadinessDeps = {
  name: string
  database: Database
  isStarted: () => boolean
  draining: AbortSignal
  /** Messages that their receivers refuse for good. */
  poisoned: () => Promise<number>
}

/** Why a service should get no requests, or null when it is ready. */
export async function notReadyReason(
  deps: Omit<ReadinessDeps, 'poisoned'>,
): Promise<string | null> {
  if (deps.draining.aborted) return 'draining'
  if (!deps.isStarted()) return 'starting'
  try {
    await deps.database.ping()
    return null
  } catch (failure) {
    if (isDomainError(failure)) return failure.code
    throw failure
  }
}

/** `GET /health`: the process lives. `GET /ready`: it should get requests. */
export function createHealthRoutes(deps: ReadinessDeps): Route[] {
  return [
    {
      method: 'GET',
      path: '/health',
      access: 'public',
      handle: async () => jsonAnswer({ status: 'ok', service: deps.name }),
    },
    {
      method: 'GET',
      path: '/ready',
      access: 'public',
      handle: async () => {
        const reason = await notReadyReason(deps)
        if (reason !== null) {
          return jsonAnswer({ status: 'not ready', service: deps.name, reason }, 503)
        }
        // For whoever operates it: requests are answered all the same.
        const outbox = { poisoned: await deps.poisoned() }
        return jsonAnswer({ status: 'ready', service: deps.name, outbox })
      },
    },
  ]
}
