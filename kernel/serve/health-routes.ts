import type { Database } from '../db/database.ts'
import { isDomainError } from '../errors.ts'
import type { Route } from '../service/subgraph.ts'
import { jsonAnswer } from './answers.ts'

export type ReadinessDeps = {
  name: string
  database: Database
  isStarted: () => boolean
  draining: AbortSignal
  /** Names the schema that is served, as gateways know it. */
  schema: string
  /** Messages that their receivers refuse for good. */
  poisoned: () => Promise<number>
  /** Whether events are announced to other processes; without it they are found by looking. */
  areEventsAnnounced: () => boolean
  /** Milliseconds that the service's clock is ahead of its machine's. */
  clockOffsetMs: () => number
  /** Milliseconds that the clocks of services that this one asks are ahead of its own, by name. */
  clockOffsets: () => Readonly<Record<string, number>>
  /** False while tries are counted by each process for itself, because Redis does not answer. */
  areCountersShared: () => boolean
}

/** What a ready service lacks without Redis: something is slower or counted apart, and nothing is missing. */
function reservation(deps: ReadinessDeps): { reason?: string } {
  const lacking = [
    ...(deps.areEventsAnnounced() ? [] : ['EVENTS_LATE']),
    ...(deps.areCountersShared() ? [] : ['COUNTERS_APART']),
  ]
  return lacking.length === 0 ? {} : { reason: lacking.join(' ') }
}

/** Why a service should get no requests, or null when it is ready. */
export async function notReadyReason(
  deps: Pick<ReadinessDeps, 'draining' | 'isStarted' | 'database'>,
): Promise<string | null> {
  if (deps.draining.aborted) return 'draining'
  try {
    await deps.database.ping()
    // Last: what has not started may be waiting for the database.
    return deps.isStarted() ? null : 'starting'
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
        const { name: service, schema } = deps
        const reason = await notReadyReason(deps)
        if (reason !== null) {
          return jsonAnswer({ status: 'not ready', service, schema, reason }, 503)
        }
        // For whoever operates it: requests are answered all the same.
        const outbox = { poisoned: await deps.poisoned() }
        const clockOffsetMs = deps.clockOffsetMs()
        return jsonAnswer({
          ...{ status: 'ready', service, schema, ...reservation(deps) },
          ...{ outbox, clockOffsetMs, clockOffsets: deps.clockOffsets() },
        })
      },
    },
  ]
}
