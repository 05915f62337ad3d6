import { z } from 'zod'
import type { OutboxReceiver } from '../audit/relay.ts'
import type { SubgraphName } from '../auth/service-names.ts'
import { serviceError } from '../service/errors.ts'
import type { ServiceClient } from '../service/service-client.ts'

const Answer = z.object({ accepted: z.array(z.string()) })

/** Delivers outbox rows to another subgraph's `/inbox`; the relay's signal breaks the request off. */
export function createOutboxReceiver(
  services: ServiceClient,
  callee: SubgraphName,
): OutboxReceiver {
  return {
    deliver: async (rows, signal) => {
      const deliveries = rows.map(({ key, kind, aggregate, payload, at }) => ({
        key,
        kind,
        aggregate,
        payload: JSON.parse(payload) as unknown,
        at: at.toISOString(),
      }))
      const answer = Answer.safeParse(
        await services.call(callee, { path: '/inbox', body: { deliveries }, signal }),
      )
      if (!answer.success) throw serviceError('SERVICE_ANSWER_INVALID', { service: callee })
      return answer.data.accepted
    },
  }
}
