import type { Audit } from '#kernel/audit/audit.ts'
import type { ReadLog } from '#kernel/audit/read-log.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import type { Clock } from '#kernel/clock.ts'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import type { ServiceClient } from '#kernel/service/service-client.ts'

/** What every capability of ai works with during one request. */
export type AiRequest = {
  viewer: Viewer
  /** Ends when the asker is gone. */
  signal: AbortSignal
  clock: Clock
  audit: Audit
  readLog: ReadLog
  services: ServiceClient
  /** A fresh unit of work that sees the rows of the viewer's reach. */
  read: () => SqlEntityManager
  /** A fresh unit of work that sees every row. */
  acrossTenants: () => SqlEntityManager
}
