import { AUDIT_RECEIVER, createAudit } from '../audit/audit.ts'
import { createClientSeal } from '../audit/client-seal.ts'
import { createOutbox } from '../audit/outbox.ts'
import { createRelay, type Relay } from '../audit/relay.ts'
import type { SubgraphName } from '../auth/service-names.ts'
import { createOwnCounters } from '../counters/counters.ts'
import type { Database } from '../db/database.ts'
import { isInTransaction } from '../db/transaction-scope.ts'
import { createCursors } from '../events/cursor.ts'
import { createEvents } from '../events/events.ts'
import type { EventFront } from '../events/front.ts'
import { createServiceClient, type ServiceClient } from '../service/service-client.ts'
import type { SubgraphDeps } from '../service/subgraph.ts'
import type { ServiceOptions } from './open-service.ts'
import { createOutboxReceiver } from './outbox-receiver.ts'

const SERVICE_TIMEOUT_MS = 5_000

function createClient(options: ServiceOptions): ServiceClient {
  const { clock, randomness, log, subgraph, serviceKeys: keys, resolve } = options
  return createServiceClient({
    caller: subgraph.name,
    keys,
    clock,
    randomness,
    log,
    resolve,
    timeoutMs: SERVICE_TIMEOUT_MS,
    isInTransaction,
  })
}

/** Compliance keeps the audit log, its own records too. */
const AUDIT_KEEPER = 'compliance'

/** Who takes the rows that name a receiver. */
function receiversOf({ receivers, subgraph }: ServiceOptions): [string, SubgraphName][] {
  const others = receivers.map((name): [string, SubgraphName] => [name, name])
  const isKept = subgraph.name === AUDIT_KEEPER || receivers.includes(AUDIT_KEEPER)
  return isKept ? [...others, [AUDIT_RECEIVER, AUDIT_KEEPER]] : others
}

/** What the kernel gives a subgraph, and what carries its messages. */
export type Kernel = { deps: SubgraphDeps; relay: Relay }

/** Wires what every subgraph is given. */
export function createKernel(options: ServiceOptions, database: Database): Kernel {
  const { clock, randomness, log, operatorKeys } = options
  const services = createClient(options)
  const receivers = Object.fromEntries(
    receiversOf(options).map(([receiver, callee]) => [
      receiver,
      createOutboxReceiver(services, callee),
    ]),
  )
  const relay = createRelay({ database, receivers, clock, randomness, log })
  const { wake } = relay
  const clientSeal = createClientSeal(options)
  const cursors = createCursors({ service: options.subgraph.name, operatorKeys })
  const front: EventFront = { ...options.front, close: async () => undefined }
  const deps: SubgraphDeps = {
    database,
    clock,
    randomness,
    log,
    services,
    events: createEvents({ database, front, clock, randomness, log, cursors }),
    audit: createAudit({ clock, randomness, wake, clientSeal }),
    outbox: createOutbox({ clock, randomness, wake }),
    operatorKeys,
    clientSeal,
    oddsFeed: options.oddsFeed,
    counters: options.counters ?? createOwnCounters(clock),
    firstOperator: options.firstOperator ?? null,
  }
  return { deps, relay }
}
