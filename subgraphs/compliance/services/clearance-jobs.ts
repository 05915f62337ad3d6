import type { Clock } from '#kernel/clock.ts'
import { deleteWhere, updateWhere } from '#kernel/db/conditional-writes.ts'
import type { Database } from '#kernel/db/database.ts'
import type { JobHandlers } from '#kernel/jobs/jobs.ts'
import type { Schedule } from '#kernel/jobs/schedules.ts'
import { Clearance } from '../entities/clearance.ts'

const EXPIRE = 'clearances.expire'
const FORGET = 'clearances.forget'
const DAY_MS = 86_400_000
/** By then the change that it was for is in nobody's outbox any more. */
const KEPT_MS = 90 * DAY_MS
const FORGOTTEN_AT_ONCE = 1_000

export const clearanceSchedules: readonly Schedule[] = [
  { name: 'clearances-expire', cron: '* * * * *', timezone: 'Etc/UTC', kind: EXPIRE },
  { name: 'clearances-forget', cron: '37 3 * * *', timezone: 'Etc/UTC', kind: FORGET },
]

type Deps = { database: Database; clock: Clock }

async function acrossTenantsExpire({ database, clock }: Deps): Promise<void> {
  await updateWhere(database.acrossTenants(), Clearance, {
    where: { status: 'reserved', expiresAt: { $lte: clock.now() } },
    set: { status: 'expired' },
  })
}

/** @returns how many went */
async function acrossTenantsForgetSome({ database, clock }: Deps): Promise<number> {
  const createdAt = { $lt: new Date(clock.now().getTime() - KEPT_MS) }
  const old = await database
    .acrossTenants()
    .find(
      Clearance,
      { createdAt },
      { orderBy: { createdAt: 'asc' }, limit: FORGOTTEN_AT_ONCE, fields: ['id'] },
    )
  if (old.length === 0) return 0
  const id = { $in: old.map((clearance) => clearance.id) }
  return deleteWhere(database.acrossTenants(), Clearance, { id })
}

/** Ends clearances that nobody spoke of again, and forgets all of them after 90 days. */
export function createClearanceJobs(deps: Deps): JobHandlers {
  return {
    [EXPIRE]: () => acrossTenantsExpire(deps),
    [FORGET]: async ({ signal }) => {
      for (let forgotten = 1; forgotten > 0 && !signal.aborted; ) {
        forgotten = await acrossTenantsForgetSome(deps)
      }
    },
  }
}
