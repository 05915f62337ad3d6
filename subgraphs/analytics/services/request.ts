import type { Audit } from '#kernel/audit/audit.ts'
import type { ReadLog } from '#kernel/audit/read-log.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import type { Clock } from '#kernel/clock.ts'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import type { Events } from '#kernel/events/events.ts'
import type { ServiceClient } from '#kernel/service/service-client.ts'
import type { BetMemory } from './bets/bet-memory.ts'
import type { Clearances } from './clearance.ts'
import type { Place } from './ledger/account-rows.ts'

/** What every capability of analytics works with during one request. */
export type AnalyticsRequest = {
  viewer: Viewer
  clock: Clock
  audit: Audit
  /** A fresh unit of work that sees the rows of the viewer's reach. */
  read: () => SqlEntityManager
  /** The rows of every tenant, for functions named `acrossTenants…` alone. */
  acrossTenants: () => SqlEntityManager
  /** A fresh unit of work in one guild, where its money moves. */
  inPlace: (place: Place) => SqlEntityManager
  events: Events
  /** Other subgraphs, never asked inside a transaction. */
  services: ServiceClient
  /** Compliance's yes before money moves. */
  clearance: Clearances
  /** Who read what of others, where that is recorded. */
  readLog: ReadLog
  /** What all requests of the process share. */
  memory: BetMemory
}
