import { createReplayWindow } from '../auth/replay-window.ts'
import type { ServiceKeys } from '../auth/service-keys.ts'
import type { SubgraphName } from '../auth/service-names.ts'
import { createServiceTokenVerifier } from '../auth/service-token.ts'
import type { Clock } from '../clock.ts'
import type { DatabaseConfig, FirstOperator, OddsFeedConfig } from '../config.ts'
import type { Counters } from '../counters/counters.ts'
import type { OperatorKeys } from '../crypto/operator-key.ts'
import type { RewrapOptions, RewrapProgress } from '../crypto/rewrap.ts'
import type { Database } from '../db/database.ts'
import { createDatabaseClock } from '../db/database-clock.ts'
import { openMigrated, openWhenReachable } from '../db/open-when-reachable.ts'
import { untilReachable } from '../db/until-reachable.ts'
import type { EventFront } from '../events/front.ts'
import { schemaVersion } from '../graphql/schema-version.ts'
import type { Randomness } from '../ids.ts'
import { createJobs, type Jobs } from '../jobs/jobs.ts'
import type { JobHandlers } from '../jobs/run-job.ts'
import type { Logger } from '../log.ts'
import { KERNEL_ENTITIES } from '../service/kernel-entities.ts'
import type { OpenSubgraph, SeedReport, Subgraph } from '../service/subgraph.ts'
import type { ServiceAddress, SubgraphFetch } from '../service/subgraph-fetch.ts'
import { doInOrder, doTogether } from './do-all.ts'
import { createGraphqlHandler } from './graphql-handler.ts'
import { createGraphqlRoute } from './graphql-route.ts'
import { createHealthRoutes } from './health-routes.ts'
import { createHousekeeping } from './housekeeping.ts'
import { createInFlight } from './in-flight.ts'
import { createInboxRoute } from './inbox-route.ts'
import { createRouter } from './router.ts'
import { createKernel, type Kernel } from './service-kernel.ts'
import { STOP_MS, stopInTime } from './stop-in-time.ts'

/** How long a start waits for what it needs, and whom it tells. */
export type Waiting = {
  signal: AbortSignal
  waitsFor: (subgraph: string, reason: string) => void
}

/** What a subgraph needs from the process that runs it. */
export type ServiceOptions = {
  subgraph: Subgraph
  databaseUrl: string
  /** Of its pool; by default those of openDatabase. */
  databaseBounds?: DatabaseConfig
  /** Waits for a database that is not there yet; without it that is a failure. */
  waiting?: Waiting | undefined
  /** Shared by the parts of a process: whoever made it closes it. */
  front: EventFront
  clock: Clock
  /** Follows the database's clock: what several processes agree on by time, they agree on by it. */
  isClockOfDatabase?: boolean
  randomness: Randomness
  log: Logger
  serviceKeys: ServiceKeys
  operatorKeys: OperatorKeys
  oddsFeed: OddsFeedConfig
  /** By default those of this process alone; whoever made them closes them. */
  counters?: Counters
  /** By default nobody is made operator. */
  firstOperator?: FirstOperator | null
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

function openOwnDatabase(options: ServiceOptions): Promise<Database> {
  const { subgraph, databaseUrl: url, databaseBounds: bounds, waiting, log } = options
  const { name, migrations, platformRowsVisible = [] } = subgraph
  const given = {
    ...{ name, url, platformRowsVisible, migrations, log },
    entities: [...subgraph.entities, ...KERNEL_ENTITIES],
    ...(bounds && { connectionLimit: bounds.poolSize, timeoutMs: bounds.timeoutMs }),
  }
  if (!waiting) return openMigrated(given)
  const waitsFor = (reason: string) => waiting.waitsFor(name, reason)
  return openWhenReachable(given, { signal: waiting.signal, waitsFor })
}

/** Does work of the start: a database that was there and is lost meanwhile is waited for, where one waits. */
type Patiently = <T>(work: () => Promise<T>) => Promise<T>

const patienceOf =
  ({ subgraph: { name }, waiting, log }: ServiceOptions): Patiently =>
  (work) => {
    if (!waiting) return work()
    const waitsFor = (reason: string) => waiting.waitsFor(name, reason)
    return untilReachable(work, { signal: waiting.signal, waitsFor, log })
  }

function createBackground({ deps, relay }: Kernel, open: OpenSubgraph, patiently: Patiently) {
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
      own = await patiently(async () => open.start?.(jobs))
    },
    stop: () =>
      doInOrder([() => own?.stop(), () => doTogether([jobs.stop, relay.stop]), deps.events.close]),
  }
}

/** Opens, migrates and wires a subgraph. It answers requests at once; `start` begins its own work. */
export async function openService(options: ServiceOptions): Promise<Service> {
  const { subgraph, log } = options
  const { name } = subgraph
  const database = await openOwnDatabase(options)
  const following = options.isClockOfDatabase
    ? createDatabaseClock({ database, log, base: options.clock })
    : null
  await following?.start()
  const clock = following ?? options.clock
  const kernel = createKernel({ ...options, clock }, database)
  const patiently = patienceOf(options)
  const open = await closingOnFailure(database, log, () =>
    patiently(() => subgraph.open(kernel.deps)),
  )
  const background = createBackground(kernel, open, patiently)
  const { track, draining, drain } = createInFlight(log)
  let isStarted = false
  const routes = [
    createGraphqlRoute(createGraphqlHandler(subgraph, open, { log, track })),
    createInboxRoute({ database, handlers: open.inbox ?? {}, clock, log }),
    ...createHealthRoutes({
      ...{ name, database, isStarted: () => isStarted, draining },
      schema: await schemaVersion(name),
      poisoned: kernel.relay.poisoned,
      areEventsAnnounced: () => options.front.isConnected?.() ?? true,
      clockOffsetMs: () => following?.offsetMs() ?? 0,
      clockOffsets: kernel.deps.services.clockOffsets,
      areCountersShared: kernel.deps.counters.isShared,
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
        doInOrder([background.stop, () => following?.close(), () => database.close()]),
      )
    },
  }
}
