import { AUDIT_RECEIVER, createAudit } from '../audit/audit.ts'
import { createClientSeal } from '../audit/client-seal.ts'
import { createOutbox } from '../audit/outbox.ts'
import { createRelay, type Relay } from '../audit/relay.ts'
import { createReplayWindow } from '../auth/replay-window.ts'
import type { ServiceKeys } from '../auth/service-keys.ts'
import type { SubgraphName } from '../auth/service-names.ts'
import { createServiceTokenVerifier } from '../auth/service-token.ts'
import type { Clock } from '../clock.ts'
import type { OddsFeedConfig } from '../config.ts'
import type { OperatorKeys } from '../crypto/operator-key.ts'
import type { RewrapOptions, RewrapProgress } from '../crypto/rewrap.ts'
import { type Database, openDatabase } from '../db/database.ts'
import { migrate } from '../db/migrations.ts'
import { isInTransaction } from '../db/transaction-scope.ts'
import { createEvents } from '../events/events.ts'
import type { EventFront } from '../events/front.ts'
import type { Randomness } from '../ids.ts'
import { createJobs, type Jobs } from '../jobs/jobs.ts'
import type { JobHandlers } from '../jobs/run-job.ts'
import type { Logger } from '../log.ts'
import { KERNEL_ENTITIES } from '../service/kernel-entities.ts'
import { createServiceClient, type ServiceClient } from '../service/service-client.ts'
import type { OpenSubgraph, SeedReport, Subgraph, SubgraphDeps } from '../service/subgraph.ts'
import type { ServiceAddress, SubgraphFetch } from '../service/subgraph-fetch.ts'
import { doInOrder, doTogether } from './do-all.ts'
import { createGraphqlHandler } from './graphql-handler.ts'
import { createGraphqlRoute } from './graphql-route.ts'
import { createHealthRoutes } from './health-routes.ts'
import { createHousekeeping } from './housekeeping.ts'
import { createInFlight } from './in-flight.ts'
import { createInboxRoute } from './inbox-route.ts'
import { createOutboxReceiver } from './outbox-receiver.ts'
import { createRouter } from './router.ts'
import { STOP_MS, stopInTime } from './stop-in-time.ts'

const SERVICE_TIMEOUT_MS = 5_000

/** What a subgraph needs from the process that runs it. */
export type ServiceOptions = {
  subgraph: Subgraph
  databaseUrl: string
  /** Shared by the parts of a process: whoever made it closes it. */
  front: EventFront
  clock: Clock
  randomness: Randomness
  log: Logger
  serviceKeys: ServiceKeys
  operatorKeys: OperatorKeys
  oddsFeed: OddsFeedConfig
  /** Where another subgraph is reached. */
  resolve: (callee: string) => ServiceAddress
  /** Subgraphs that take deliveries of this one's outbox; rows for others wait. */
  receivers: readonly SubgraphName[]
  /** How long its stop may take after the drain. */
  stopMs?: number
}

/** One subgraph at work in this process. */
export type Service = {
  name: SubgraphName
  database: Database
  fetch: SubgraphFetch
  seed: () => Promise<SeedReport>
  /** Null where the subgraph keeps no wrapped keys. */
  rewrapKeys: (options: RewrapOptions) => Promise<RewrapProgress | null>
  /** Begins background work: relay, jobs, feeds. */
  start: () => Promise<void>
  /**
   * Refuses new requests with SERVICE_DRAINING and ends streams with it as their last word. Resolves
   * when the requests under way have their answers and no stream is at work, or the time is over.
   */
  drain: (withinMs: number) => Promise<void>
  /**
   * Drains where that was not done yet, then stops background work and closes the database. A door
   * before the service is closed between the two: answers and last words still pass through it.
   * @throws STOP_TIMED_OUT
   */
  stop: (drainMs: number) => Promise<void>
}

/** Does what an opening still needs; what fails is thrown, and the database is not left open. */
async function closingOnFailure<T>(
  database: Database,
  log: Logger,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (failure) {
    await database
      .close()
      .catch((err: unknown) => log.error({ err }, 'the database was not closed'))
    throw failure
  }
}

async function openMigrated(options: ServiceOptions): Promise<Database> {
  const { subgraph, databaseUrl: url, log } = options
  const { name, migrations, platformRowsVisible = [] } = subgraph
  const entities = [...subgraph.entities, ...KERNEL_ENTITIES]
  const database = await openDatabase({ name, url, entities, platformRowsVisible, migrations, log })
  const { applied } = await closingOnFailure(database, log, () => migrate(database))
  if (applied.length > 0) log.info({ applied }, 'migrated')
  return database
}

function createClient(options: ServiceOptions): ServiceClient {
  const { clock, randomness, subgraph, serviceKeys: keys, resolve } = options
  return createServiceClient({
    caller: subgraph.name,
    keys,
    clock,
    randomness,
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

type Kernel = { deps: SubgraphDeps; relay: Relay }

function createKernel(options: ServiceOptions, database: Database): Kernel {
  const { clock, randomness, log } = options
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
  const front: EventFront = { ...options.front, close: async () => undefined }
  const deps: SubgraphDeps = {
    database,
    clock,
    randomness,
    log,
    services,
    events: createEvents({ database, front, clock, randomness, log }),
    audit: createAudit({ clock, randomness, wake, clientSeal }),
    outbox: createOutbox({ clock, randomness, wake }),
    operatorKeys: options.operatorKeys,
    clientSeal,
    oddsFeed: options.oddsFeed,
  }
  return { deps, relay }
}

function createBackground({ deps, relay }: Kernel, open: OpenSubgraph) {
  const { database, clock, randomness, log } = deps
  const housekeeping = createHousekeeping(deps, relay)
  const handlers: JobHandlers = {
    ...open.jobs,
    ...housekeeping.handlersOf((endedBefore) => jobs.prune(endedBefore)),
  }
  const schedules = [...(open.schedules ?? []), housekeeping.schedule]
  const jobs: Jobs = createJobs({ database, clock, randomness, log, handlers, schedules })
  let own: { stop: () => Promise<void> } | undefined
  return {
    start: async () => {
      relay.start()
      jobs.start()
      own = await open.start?.(jobs)
    },
    stop: () =>
      doInOrder([() => own?.stop(), () => doTogether([jobs.stop, relay.stop]), deps.events.close]),
  }
}

/** Opens, migrates and wires a subgraph. It answers requests at once; `start` begins its own work. */
export async function openService(options: ServiceOptions): Promise<Service> {
  const { subgraph, clock, log } = options
  const { name } = subgraph
  const database = await openMigrated(options)
  const kernel = createKernel(options, database)
  const open = await closingOnFailure(database, log, () => subgraph.open(kernel.deps))
  const background = createBackground(kernel, open)
  const { track, draining, drain } = createInFlight(log)
  let isStarted = false
  const routes = [
    createGraphqlRoute(createGraphqlHandler(subgraph, open, { log, track })),
    createInboxRoute({ database, handlers: open.inbox ?? {}, clock, log }),
    ...createHealthRoutes({
      ...{ name, database, isStarted: () => isStarted, draining },
      poisoned: kernel.relay.poisoned,
    }),
    ...(open.routes ?? []),
  ]
  const replayWindow = createReplayWindow({ clock })
  const verifier = createServiceTokenVerifier({
    keys: options.serviceKeys,
    clock,
    callee: name,
    replayWindow,
  })
  const answer = createRouter({ routes, verifier, log, draining })
  return {
    name,
    database,
    fetch: (request) => track(answer(request)),
    seed: async () => (await open.seed?.()) ?? { lines: [] },
    rewrapKeys: async (options) => (await open.rewrapKeys?.(options)) ?? null,
    start: async () => {
      await background.start()
      isStarted = true
    },
    drain,
    stop: async (drainMs) => {
      await drain(drainMs)
      await stopInTime({ part: name, withinMs: options.stopMs ?? STOP_MS }, () =>
        doInOrder([background.stop, () => database.close()]),
      )
    },
  }
}
