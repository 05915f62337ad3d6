import { z } from 'zod'
import type { Message, Outbox } from '#kernel/audit/outbox.ts'
import { serviceViewer, type Viewer } from '#kernel/auth/viewer.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { isDomainError } from '#kernel/errors.ts'
import { isDecimalId, newId, type Randomness } from '#kernel/ids.ts'
import type { ServiceClient } from '#kernel/service/service-client.ts'
import { analyticsError } from '../errors.ts'

/** Who keeps the players safe, and answers whether money may move. */
const KEEPER = 'compliance'

/** All tries together: a player waits for the answer. */
const LONGEST_WAIT_MS = 5_000

const PATHS = { bet: '/may-bet', deposit: '/may-deposit' } as const

export type ClearanceFacts = {
  userId: string
  tenantId: string
  guildId: string
  /** Minor units. */
  amount: bigint
  currency: string
}

const Answer = z.object({
  clearanceId: z.string().refine(isDecimalId),
  answer: z.enum(['yes', 'no']),
  code: z.string().max(64).nullable(),
  isProvisional: z.boolean(),
  says: z.string(),
  /** What the person would have to agree to; `version` null where none is in force yet. */
  missing: z
    .object({ purpose: z.string().max(50), version: z.string().max(20).nullable() })
    .nullish(),
})

/** A yes of compliance: to be confirmed with the change, or released without it. */
export type Clearance = { clearanceId: string; isProvisional: boolean; says: string }

export type ClearanceDeps = {
  services: ServiceClient
  outbox: Outbox
  randomness: Randomness
  viewer: Viewer
  /** Where a release is written when the change did not come about. */
  em: () => SqlEntityManager
}

/** Compliance's word, or COMPLIANCE_UNAVAILABLE: whatever is not an answer is a no. */
async function call(deps: ClearanceDeps, kind: keyof typeof PATHS, facts: ClearanceFacts) {
  const { services, randomness } = deps
  const { requestId } = deps.viewer
  const own = { serviceName: 'analytics', reach: { kind: 'none' }, scopes: [], requestId } as const
  try {
    const answer = await services.call(KEEPER, {
      path: PATHS[kind],
      body: { ...facts, amount: String(facts.amount) },
      viewer: serviceViewer(own),
      idempotencyKey: newId(randomness),
      signal: AbortSignal.timeout(LONGEST_WAIT_MS),
    })
    return Answer.parse(answer)
  } catch (cause) {
    if (isDomainError(cause, 'SERVICE_CALL_IN_TRANSACTION')) throw cause
    throw analyticsError('COMPLIANCE_UNAVAILABLE', {}, { cause })
  }
}

export type Clearances = ReturnType<typeof createClearance>

/**
 * Asks compliance before money moves, never inside a transaction. A clearance that is neither
 * confirmed nor released expires by itself.
 */
export function createClearance(deps: ClearanceDeps) {
  const toMessage = (
    clearanceId: string,
    { kind, ...rest }: { kind: string; resource?: string },
  ): Message => ({
    receiver: KEEPER,
    kind,
    aggregate: `clearance:${clearanceId}`,
    // And last: a clearance is answered once, by its one asker.
    isFirst: true,
    payload: { clearanceId, ...rest },
  })
  /**
   * @throws COMPLIANCE_REFUSED with `reason`, and `purpose` and `version` of a consent that is missing;
   * COMPLIANCE_UNAVAILABLE
   */
  const ask = async (kind: keyof typeof PATHS, facts: ClearanceFacts): Promise<Clearance> => {
    const { answer, code, missing, ...clearance } = await call(deps, kind, facts)
    if (answer === 'no') throw analyticsError('COMPLIANCE_REFUSED', { reason: code, ...missing })
    return clearance
  }
  const release = ({ clearanceId }: Clearance): Promise<void> =>
    transactional(deps.em(), async (tx) => {
      await deps.outbox.send(tx, toMessage(clearanceId, { kind: 'clearance.released' }))
    })
  return {
    ask,
    /** Sent in the transaction of the change, beside its audit record; `resource` as in `bet:12`. */
    confirmation: ({ clearanceId }: Clearance, resource: string): Message =>
      toMessage(clearanceId, { kind: 'clearance.confirmed', resource }),
    /** In a transaction of its own, when the change was refused. */
    release,
    /**
     * Asks, then has `work` make the change and confirm; when it throws, the clearance is released
     * and the failure passed on. @throws as `ask`, and what `work` throws
     */
    cleared: async <Result>(
      { kind, ...facts }: ClearanceFacts & { kind: keyof typeof PATHS },
      work: (clearance: Clearance) => Promise<Result>,
    ): Promise<Result> => {
      const clearance = await ask(kind, facts)
      try {
        return await work(clearance)
      } catch (failure) {
        // The refusal is what counts: a release that fails too is made good by its expiry.
        await Promise.allSettled([release(clearance)])
        throw failure
      }
    },
  }
}
