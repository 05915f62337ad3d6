import type { Audit } from '#kernel/audit/audit.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import type { Clock } from '#kernel/clock.ts'
import type { SqlEntityManager } from '#kernel/db/database.ts'

/** What every capability of analytics works with during one request. */
export type AnalyticsRequest = {
  viewer: Viewer
  clock: Clock
  audit: Audit
  /** A fresh unit of work that sees the rows of the viewer's reach. */
  read: () => SqlEntityManager
}
