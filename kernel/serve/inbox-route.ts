import { z } from 'zod'
import { acceptOnce } from '../audit/inbox.ts'
import { SUBGRAPH_NAMES } from '../auth/service-names.ts'
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

type Deps = { database: Database; handlers: InboxHandlers; log: Logger }

function parseDeliveries(body: string) {
  try {
    return Deliveries.parse(JSON.parse(body)).deliveries
  } catch (cause) {
    throw serveError('SERVICE_BODY_INVALID', {}, { cause })
  }
}

/**
 * `POST /inbox`: applies what another subgraph's outbox delivers, each delivery once, in order. It
 * stops at the first that fails and answers the keys that stand; the sender keeps the rest.
 */
export function createInboxRoute({ database, handlers, log }: Deps): Route {
  return {
    method: 'POST',
    path: '/inbox',
    access: SUBGRAPH_NAMES,
    handle: async ({ body, caller }) => {
      const accepted: string[] = []
      for (const { key, ...delivery } of parseDeliveries(body)) {
        const apply = handlers[delivery.kind]
        if (!apply) break
        try {
          await transactional(database.acrossTenants(), (tx) =>
            acceptOnce(tx, { caller: caller ?? '', key }, () =>
              apply(tx, { ...delivery, payload: delivery.payload }),
            ),
          )
          accepted.push(key)
        } catch (failure) {
          if (!isDomainError(failure)) throw failure
          log.warn({ code: failure.code, kind: delivery.kind, caller }, 'a delivery was refused')
          break
        }
      }
      return jsonAnswer({ accepted })
    },
  }
}
