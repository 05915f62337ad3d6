import type { Clock } from '#kernel/clock.ts'
import { deleteWhere } from '#kernel/db/conditional-writes.ts'
import { type Database, type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import type { Events } from '#kernel/events/events.ts'
import type { JobHandlers } from '#kernel/jobs/jobs.ts'
import type { Schedule } from '#kernel/jobs/schedules.ts'
import { BetLeg } from '../entities/bet-leg.ts'
import { CurrentPrice } from '../entities/current-price.ts'
import { Fixture } from '../entities/fixture.ts'
import { Market } from '../entities/market.ts'
import { OddsQuote } from '../entities/odds-quote.ts'
import { Selection } from '../entities/selection.ts'
import { FIXTURES_TOPIC, ODDS_TOPIC } from './live-odds.ts'

export type RetentionDeps = { database: Database; events: Events; clock: Clock }

const KIND = 'analytics.forget'
const DAY_MS = 86_400_000

/** How long live feeds can be resumed. */
const EVENTS_KEPT_MS = DAY_MS
/** How long an invented match is kept after its end; a real one is kept for good. */
const SIMULATED_KEPT_MS = DAY_MS
/** Fixtures forgotten in one transaction. */
const FIXTURES_AT_ONCE = 20

/** Once an hour; the minute is of no meaning. */
export const retentionSchedules: readonly Schedule[] = [
  { name: 'analytics-forget', cron: '17 * * * *', timezone: 'UTC', kind: KIND },
]

const idsOf = (rows: readonly { id: string }[]) => ({ $in: rows.map(({ id }) => id) })

type Batch = { endedBefore: Date; after: string | null }

/** Those that nobody bet on: what a bet was settled by is kept as long as the bet. */
async function acrossTenantsWithoutBets(tx: SqlEntityManager, fixtures: readonly Fixture[]) {
  const legs = await tx.find(BetLeg, { fixtureId: idsOf(fixtures) }, { fields: ['fixtureId'] })
  const bet = new Set(legs.map(({ fixtureId }) => fixtureId))
  return fixtures.filter(({ id }) => !bet.has(id))
}

/** @returns the last fixture looked at, or null when all were */
async function forgetSome(
  tx: SqlEntityManager,
  { endedBefore, after }: Batch,
): Promise<string | null> {
  const found = await tx.find(
    Fixture,
    { isSimulated: true, startsAt: { $lt: endedBefore }, ...(after && { id: { $gt: after } }) },
    { orderBy: { id: 'asc' }, limit: FIXTURES_AT_ONCE },
  )
  const last = found.at(-1)?.id ?? null
  const fixtures = await acrossTenantsWithoutBets(tx, found)
  if (fixtures.length === 0) return last
  const markets = await tx.find(Market, { fixtureId: idsOf(fixtures) })
  const selections = await tx.find(Selection, { marketId: idsOf(markets) })
  await deleteWhere(tx, OddsQuote, { fixtureId: idsOf(fixtures) })
  await deleteWhere(tx, CurrentPrice, { selectionId: idsOf(selections) })
  await deleteWhere(tx, Selection, { id: idsOf(selections) })
  await deleteWhere(tx, Market, { id: idsOf(markets) })
  await deleteWhere(tx, Fixture, { id: idsOf(fixtures) })
  return last
}

/** Forgets what nobody asks for any more: old live events, and invented matches of yesterday. */
export function createRetention({ database, events, clock }: RetentionDeps): JobHandlers {
  const before = (ageMs: number) => new Date(clock.now().getTime() - ageMs)
  return {
    [KIND]: async ({ signal }) => {
      for (const topic of [ODDS_TOPIC, FIXTURES_TOPIC]) {
        await events.trim(topic, before(EVENTS_KEPT_MS))
      }
      const endedBefore = before(SIMULATED_KEPT_MS)
      let after: string | null = null
      do {
        const batch: Batch = { endedBefore, after }
        after = await transactional(database.acrossTenants(), (tx) => forgetSome(tx, batch))
      } while (after !== null && !signal.aborted)
    },
  }
}
