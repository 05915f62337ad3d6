import { z } from 'zod'
import { createInbox } from '../audit/inbox.ts'
import { SUBGRAPH_NAMES } from '../auth/service-names.ts'
import type { Clock } from '../clock.ts'
import { type Database, transactional } from '../db/database.ts'
import { isDomainError } from '../errors.ts'
import type { Logger } from '../log.ts'
import type { InboxHandlers, Route } from '../service/subgraph.ts'
import { jsonAnswer } from './answers.ts'
import { serveError } from './errors.ts'

const Deliveries = z.object({
  deliveries: z
    .array(
      z.object({
        key: z.string().regex(/^[\w:.-]{1,64}$/),
        kind: z.string().max(60),
        aggregate: z.string().max(100),
        payload: z.unknown(),
        at: z.iso.datetime(),
      }),
    )
    .max(200),
})

type Deps = { database: Database; handlers: InboxHandlers; clock: Clock; log: Logger }

type ParsedDelivery = z.infer<typeof Deliveries>['deliveries'][number]

function parseDeliveries(body: string): ParsedDelivery[] {
  try {
    return Deliveries.parse(JSON.parse(body)).deliveries
  } catch (cause) {
    throw serveError('SERVICE_BODY_INVALID', {}, { cause })
  }
}

/** Applies one delivery unless it was applied before; false when it has to come again. */
function createApply({ database, handlers, clock, log }: Deps) {
  const inbox = createInbox({ clock })
  return async (caller: string, { key, ...delivery }: ParsedDelivery): Promise<boolean> => {
    const apply = Object.hasOwn(handlers, delivery.kind) ? handlers[delivery.kind] : undefined
    if (!apply) return false
    try {
      await transactional(database.acrossTenants(), (tx) =>
        inbox.acceptOnce(tx, { caller, key }, () => apply(tx, delivery)),
      )
      return true
    } catch (failure) {
      if (!isDomainError(failure)) throw failure
      log.warn({ code: failure.code, kind: delivery.kind, caller }, 'a delivery was refused')
      return false
    }
  }
}

/**
 * `POST /inbox`: applies what another subgraph's outbox delivers, each delivery once. An aggregate
 * stops at the first that fails, so that its order stands; the sender keeps what is not accepted.
 */
export function createInboxRoute(deps: Deps): Route {
  const apply = createApply(deps)
  return {
    method: 'POST',
    path: '/inbox',
    access: SUBGRAPH_NAMES,
    handle: async ({ body, caller }) => {
      const accepted: string[] = []
      const held = new Set<string>()
      for (const delivery of parseDeliveries(body)) {
        if (held.has(delivery.aggregate)) continue
        if (await apply(caller ?? '', delivery)) accepted.push(delivery.key)
        else held.add(delivery.aggregate)
      }
      return jsonAnswer({ accepted })
    },
  }
}
