import type { Audit } from '#kernel/audit/audit.ts'
import type { ReadLog } from '#kernel/audit/read-log.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import type { Clock } from '#kernel/clock.ts'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import type { ServiceClient } from '#kernel/service/service-client.ts'

/** What every capability of compliance works with during one request. */
export type ComplianceRequest = {
  viewer: Viewer
  clock: Clock
  audit: Audit
  /** Writes down who read what of others. */
  readLog: ReadLog
  /** A fresh unit of work that sees the rows of the viewer's reach. */
  read: () => SqlEntityManager
  /** The rows of every tenant, for functions named `acrossTenants…` alone. */
  acrossTenants: () => SqlEntityManager
  /** Other subgraphs, never asked inside a transaction. */
  services: ServiceClient
}
