import type { Viewer } from '#kernel/auth/viewer.ts'
import type { Clock } from '#kernel/clock.ts'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import type { ChangeLog } from './change-log.ts'

/** What every capability of tenancy works with during one request. */
export type TenancyRequest = {
  viewer: Viewer
  clock: Clock
  changes: ChangeLog
  /** Where transactions start: it sees the rows of the viewer's reach. */
  em: SqlEntityManager
  /** A fresh unit of work of the same reach, so that nothing read earlier is taken for the present. */
  read: () => SqlEntityManager
  /** The rows of every tenant, for functions named `acrossTenants…` alone. */
  acrossTenants: () => SqlEntityManager
}
