import { setImmediate as turn } from 'node:timers/promises'
import { z } from 'zod'
import { createInbox } from '../audit/inbox.ts'
import { SUBGRAPH_NAMES } from '../auth/service-names.ts'
import type { Clock } from '../clock.ts'
import { type Database, type SqlEntityManager, transactional } from '../db/database.ts'
import { isOutageCode } from '../db/errors.ts'
import { type DomainError, isDomainError } from '../errors.ts'
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

/** Deliveries in one transaction: others get their turn between two of them. */
const TOGETHER = 25

type Deps = { database: Database; handlers: InboxHandlers; clock: Clock; log: Logger }

type ParsedDelivery = z.infer<typeof Deliveries>['deliveries'][number]

/** Some of the deliveries of a request, and the aggregates that are held back after a refusal. */
type Portion = { deliveries: readonly ParsedDelivery[]; held: Set<string> }

/** Without a database nothing is said of a delivery. */
const isRefused = (failure: unknown): failure is DomainError =>
  isDomainError(failure) && !isOutageCode(failure.code)

function parseDeliveries(body: string): ParsedDelivery[] {
  try {
    return Deliveries.parse(JSON.parse(body)).deliveries
  } catch (cause) {
    throw serveError('SERVICE_BODY_INVALID', {}, { cause })
  }
}

/** How deliveries are applied: each once, in the transaction that remembers its key. */
function createApply({ database, handlers, clock, log }: Deps) {
  const inbox = createInbox({ clock })
  const handlerOf = ({ kind }: ParsedDelivery) =>
    Object.hasOwn(handlers, kind) ? handlers[kind] : undefined

  /** The keys are remembered by one statement, however many they are. */
  const applyIn = async (
    tx: SqlEntityManager,
    caller: string,
    deliveries: readonly ParsedDelivery[],
  ) => {
    const keys = deliveries.map(({ key }) => key)
    const fresh = await inbox.remember(tx, { caller, keys })
    for (const delivery of deliveries) {
      const handled = { ...delivery, source: caller, together: deliveries }
      if (fresh.has(delivery.key)) await handlerOf(delivery)?.(tx, handled)
    }
  }
  /** @returns false when the delivery has to come again */
  const one = async (caller: string, delivery: ParsedDelivery): Promise<boolean> => {
    try {
      await transactional(database.acrossTenants(), (tx) => applyIn(tx, caller, [delivery]))
      return true
    } catch (failure) {
      if (!isRefused(failure)) throw failure
      const { kind } = delivery
      log.warn({ code: failure.code, kind, caller }, 'a delivery was refused')
      return false
    }
  }
  /** All of them in one commit; false, with nothing applied, when one is refused. */
  const together = async (caller: string, all: readonly ParsedDelivery[]): Promise<boolean> => {
    try {
      await transactional(database.acrossTenants(), (tx) => applyIn(tx, caller, all))
      return true
    } catch (failure) {
      if (!isRefused(failure)) throw failure
      return false
    }
  }
  return { isKnown: (delivery: ParsedDelivery) => handlerOf(delivery) !== undefined, one, together }
}

/**
 * `POST /inbox`: applies what another subgraph's outbox delivers, each delivery once. An aggregate
 * stops at the first that fails, so that its order stands; the sender keeps what is not accepted.
 */
export function createInboxRoute(deps: Deps): Route {
  const apply = createApply(deps)
  const apart = async (caller: string, { deliveries, held }: Portion) => {
    const accepted: string[] = []
    for (const delivery of deliveries) {
      if (held.has(delivery.aggregate)) continue
      const isApplied = apply.isKnown(delivery) && (await apply.one(caller, delivery))
      if (isApplied) accepted.push(delivery.key)
      else held.add(delivery.aggregate)
    }
    return accepted
  }
  const applyPortion = async (caller: string, { deliveries: all, held }: Portion) => {
    const deliveries = all.filter(({ aggregate }) => !held.has(aggregate))
    const isWhole = deliveries.every(apply.isKnown) && (await apply.together(caller, deliveries))
    if (isWhole) return deliveries.map(({ key }) => key)
    return apart(caller, { deliveries, held })
  }
  return {
    method: 'POST',
    path: '/inbox',
    access: SUBGRAPH_NAMES,
    handle: async ({ body, caller }) => {
      const deliveries = parseDeliveries(body)
      const held = new Set<string>()
      const accepted: string[] = []
      for (let at = 0; at < deliveries.length; at += TOGETHER) {
        if (at > 0) await turn()
        const portion = { deliveries: deliveries.slice(at, at + TOGETHER), held }
        accepted.push(...(await applyPortion(caller ?? '', portion)))
      }
      return jsonAnswer({ accepted })
    },
  }
}
