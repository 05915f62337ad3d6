import type { Clock } from '#kernel/clock.ts'
import { deleteWhere } from '#kernel/db/conditional-writes.ts'
import type { Database } from '#kernel/db/database.ts'
import type { JobHandlers } from '#kernel/jobs/jobs.ts'
import type { Schedule } from '#kernel/jobs/schedules.ts'
import { AiPrediction } from '../entities/ai-prediction.ts'
import { ConversationTurn } from '../entities/conversation-turn.ts'
import { MatchResult } from '../entities/match-result.ts'

export type RetentionDeps = { database: Database; clock: Clock }

const KIND = 'ai.forget'
/** Invented matches are kept this long, their predictions too; real ones for good. */
const SIMULATED_KEPT_MS = 7 * 86_400_000
/** Rows forgotten in one statement. */
const ROWS_AT_ONCE = 500

/** Once an hour; the minute is of no meaning. */
export const retentionSchedules: readonly Schedule[] = [
  { name: 'ai-forget', cron: '41 * * * *', timezone: 'UTC', kind: KIND },
]

const idsOf = (rows: readonly { id: string }[]) => ({ $in: rows.map(({ id }) => id) })

/** One statement's worth of what is due. @returns how many rows there were */
type Forget = (database: Database, now: Date) => Promise<number>

const acrossTenantsForgetTurns: Forget = async (database, now) => {
  const em = database.acrossTenants()
  const due = { retentionUntil: { $lt: now } }
  const rows = await em.find(ConversationTurn, due, { limit: ROWS_AT_ONCE })
  if (rows.length > 0) await deleteWhere(em, ConversationTurn, { id: idsOf(rows) })
  return rows.length
}

const acrossTenantsForgetPredictions: Forget = async (database, now) => {
  const em = database.acrossTenants()
  const before = new Date(now.getTime() - SIMULATED_KEPT_MS)
  const due = { isSimulated: true, createdAt: { $lt: before } }
  const rows = await em.find(AiPrediction, due, { limit: ROWS_AT_ONCE })
  if (rows.length > 0) await deleteWhere(em, AiPrediction, { id: idsOf(rows) })
  return rows.length
}

const acrossTenantsForgetResults: Forget = async (database, now) => {
  const em = database.acrossTenants()
  const before = new Date(now.getTime() - SIMULATED_KEPT_MS)
  const due = { isSimulated: true, updatedAt: { $lt: before } }
  const rows = await em.find(MatchResult, due, { limit: ROWS_AT_ONCE })
  if (rows.length > 0) await deleteWhere(em, MatchResult, { id: idsOf(rows) })
  return rows.length
}

const FORGETTING: readonly Forget[] = [
  acrossTenantsForgetTurns,
  acrossTenantsForgetPredictions,
  acrossTenantsForgetResults,
]

/** Forgets conversations whose time is over, and what was said of invented matches. */
export function createRetention({ database, clock }: RetentionDeps): JobHandlers {
  return {
    [KIND]: async ({ signal }) => {
      for (const forget of FORGETTING) {
        for (let rows = 1; rows > 0 && !signal.aborted; ) rows = await forget(database, clock.now())
      }
    },
  }
}
