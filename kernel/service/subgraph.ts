import type { EntityClass } from '@mikro-orm/core'
import type { GraphQLSchema } from 'graphql'
import type { Audit } from '../audit/audit.ts'
import type { ClientSeal } from '../audit/client-seal.ts'
import type { Outbox } from '../audit/outbox.ts'
import type { CallerName, SubgraphName } from '../auth/service-names.ts'
import type { Viewer } from '../auth/viewer.ts'
import type { Clock } from '../clock.ts'
import type { FirstOperator, OddsFeedConfig } from '../config.ts'
import type { Counters } from '../counters/counters.ts'
import type { OperatorKeys } from '../crypto/operator-key.ts'
import type { RewrapOptions, RewrapProgress } from '../crypto/rewrap.ts'
import type { Database } from '../db/database.ts'
import type { Events } from '../events/events.ts'
import type { RequestContext } from '../graphql/builder.ts'
import type { Randomness } from '../ids.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { JobHandlers } from '../jobs/run-job.ts'
import type { Schedule } from '../jobs/schedules.ts'
import type { Logger } from '../log.ts'
import type { ServiceClient } from './service-client.ts'

/** What the kernel hands to a subgraph when it opens. */
export type SubgraphDeps = {
  database: Database
  clock: Clock
  randomness: Randomness
  log: Logger
  events: Events
  audit: Audit
  outbox: Outbox
  /** Asks other subgraphs, never inside a transaction. */
  services: ServiceClient
  operatorKeys: OperatorKeys
  /** Opens the clients that audit records carry; compliance alone needs it. */
  clientSeal: ClientSeal
  oddsFeed: OddsFeedConfig
  /** Tries within a time, shared by all processes of a cluster. */
  counters: Counters
  /** Who is made operator of a cluster that has none; identity alone needs it. */
  firstOperator: FirstOperator | null
}

/** A request on a route of its own, its body read and its caller known. */
export type RouteRequest = {
  body: string
  url: URL
  headers: Headers
  /** Null on a public route. */
  caller: string | null
  viewer: Viewer
  /** Ends when the asker is gone. */
  askerSignal: AbortSignal
  /** Ends when the asker is gone or the service drains: for streams, never for short answers. */
  signal: AbortSignal
}

export type Route = {
  method: 'GET' | 'POST'
  path: string
  /** Who may call it: everybody, or the services named. */
  access: 'public' | readonly CallerName[]
  handle: (request: RouteRequest) => Promise<Response>
}

/** What another subgraph's outbox delivers: applied in the transaction that remembers its key. */
export type Delivery = {
  /** The subgraph whose outbox it comes from. */
  source: string
  /** Its idempotency key, unique within the source. */
  key: string
  kind: string
  aggregate: string
  payload: unknown
  /** When it was written there. */
  at: string
  /** All that is applied in the same transaction, this one among it, so that what they need is read once. */
  together: readonly Pick<Delivery, 'key' | 'kind' | 'payload' | 'at'>[]
}
export type InboxHandlers = Readonly<
  Record<string, (tx: ReturnType<Database['fork']>, delivery: Delivery) => Promise<void>>
>

/** What `seed` made, for the first lines of a demo run. */
export type SeedReport = { lines: readonly string[] }

/** A subgraph at work. */
export type OpenSubgraph = {
  /** The context of one request: services bound to the viewer, fresh loaders, nothing raw. */
  createContext: (request: RequestContext) => object
  jobs?: JobHandlers
  schedules?: readonly Schedule[]
  routes?: readonly Route[]
  /** By kind of delivery. */
  inbox?: InboxHandlers
  /**
   * Long-running work, started after migrations; `jobs` enqueues work for this subgraph's handlers.
   * Where the database is lost before it resolves it is called again: nothing runs on from a failure.
   */
  start?: (jobs: Jobs) => Promise<{ stop: () => Promise<void> }>
  /** Wraps every key that stands under an older operator key under the newest; it can be repeated. */
  rewrapKeys?: (options: RewrapOptions) => Promise<RewrapProgress>
  /** Makes the demo world; does nothing when it stands already. */
  seed?: () => Promise<SeedReport>
}

/** A subgraph's only door. */
export type Subgraph = {
  name: SubgraphName
  schema: GraphQLSchema
  entities: readonly EntityClass<object>[]
  /** Entities whose rows without tenant every reach may read. */
  platformRowsVisible?: readonly EntityClass<object>[]
  /** Folders of the migrations. */
  migrations: { sqlite: string; mysql: string }
  open: (deps: SubgraphDeps) => Promise<OpenSubgraph>
}
