import type { Outbox } from '#kernel/audit/outbox.ts'
import { deleteWhere } from '#kernel/db/conditional-writes.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { isDecimalId } from '#kernel/ids.ts'
import { CurrentPrice } from '../../entities/current-price.ts'
import type { Fixture } from '../../entities/fixture.ts'
import { Market } from '../../entities/market.ts'
import { Selection } from '../../entities/selection.ts'
import { analyticsError } from '../../errors.ts'
import { checkReason } from '../ledger/inputs.ts'
import { type FixtureChangeType, stateOf, toFixtureEvent } from '../live-odds.ts'
import type { AnalyticsRequest } from '../request.ts'
import { lockFixtures } from './fixture-lock.ts'
import {
  abandonFixture,
  finishFixture,
  hasResult,
  type ResultNews,
  takeResultBack,
  toResultMessage,
} from './fixture-results.ts'
import type { Goals } from './outcomes.ts'

export type ResultsDeps = AnalyticsRequest & { outbox: Outbox }

export type AbandonInput = { fixtureId: string; reason: string }
export type ResultInput = AbandonInput & Goals
export type ReopenInput = AbandonInput & { startsAt: Date }

const MOST_GOALS = 99
const LATEST_KICK_OFF_MS = 366 * 86_400_000

/** @throws RESULT_INVALID */
function checkGoals({ home, away }: Goals): Goals {
  const areGoals = [home, away].every((goals) => goals >= 0 && goals <= MOST_GOALS)
  if (!areGoals) throw analyticsError('RESULT_INVALID')
  return { home, away }
}

/** @throws KICK_OFF_INVALID */
function checkKickOff(startsAt: Date, now: Date): void {
  const aheadMs = startsAt.getTime() - now.getTime()
  if (aheadMs <= 0 || aheadMs > LATEST_KICK_OFF_MS) throw analyticsError('KICK_OFF_INVALID')
}

/** @throws FIXTURE_NOT_FOUND */
async function takeFixture(tx: SqlEntityManager, id: string): Promise<Fixture> {
  const [fixture] = isDecimalId(id) ? await lockFixtures(tx, [id]) : []
  if (!fixture) throw analyticsError('FIXTURE_NOT_FOUND')
  return fixture
}

type Decision = {
  fixtureId: string
  reason: string
  action: 'result.correct' | 'fixture.abandon' | 'fixture.reopen'
  change: FixtureChangeType
  /** Null when the fixture stands so already. */
  decide: (fixture: Fixture, now: Date) => ResultNews | null
  /** Afterwards the feed has its say again. */
  isOpenToFeed?: boolean
}

/** What was offered before a game was taken back is offered no more: the feed has to tell new prices. */
async function removePrices(tx: SqlEntityManager, fixtureId: string): Promise<void> {
  const markets = await tx.find(Market, { fixtureId })
  const marketId = { $in: markets.map(({ id }) => id) }
  const selections = await tx.find(Selection, { marketId })
  await deleteWhere(tx, CurrentPrice, { selectionId: { $in: selections.map(({ id }) => id) } })
}

/** What the platform decides about a result, whatever the feed says later. */
function decide(deps: ResultsDeps, decision: Decision): Promise<Fixture> {
  const { viewer, clock, audit, outbox, events, read } = deps
  if (viewer.reach.kind !== 'platform') throw analyticsError('RESULTS_PLATFORM_ONLY')
  const { fixtureId, action, change } = decision
  const reason = checkReason(decision.reason)
  return transactional(read(), async (tx) => {
    const fixture = await takeFixture(tx, fixtureId)
    const now = clock.now()
    const news = decision.decide(fixture, now)
    if (!news) return fixture
    fixture.isResultFixed = !decision.isOpenToFeed
    await tx.flush()
    if (decision.isOpenToFeed) await removePrices(tx, fixture.id)
    const { goals, resultVersion } = news
    await audit.record(tx, {
      ...{ viewer, action, outcome: 'done', tenantId: null, guildId: null },
      resource: { type: 'fixture', id: fixture.id },
      details: { reason, resultVersion, home: goals?.home ?? null, away: goals?.away ?? null },
    })
    await outbox.send(tx, toResultMessage(fixture, news))
    const state = { ...stateOf(fixture), id: fixture.id }
    await events.publish(tx, toFixtureEvent({ type: change, at: now, fixture: state }))
    return fixture
  })
}

export type Results = ReturnType<typeof createResults>

/** Results decided by hand; bets follow within a second. */
export function createResults(deps: ResultsDeps) {
  return {
    /**
     * The result again changes nothing. @throws RESULTS_PLATFORM_ONLY, RESULT_INVALID, FIXTURE_NOT_FOUND,
     * FIXTURE_NOT_STARTED, NOTE_INVALID, CARD_NUMBER_REFUSED
     */
    correct: async ({ fixtureId, reason, ...score }: ResultInput): Promise<Fixture> => {
      const goals = checkGoals(score)
      return decide(deps, {
        ...{ fixtureId, reason, action: 'result.correct', change: 'finished' },
        decide: (fixture, now) => {
          if (fixture.startsAt > now) throw analyticsError('FIXTURE_NOT_STARTED')
          if (hasResult(fixture, goals)) return null
          return finishFixture(fixture, goals, { at: fixture.finishedAt ?? now, now })
        },
      })
    },
    /** Bets on it become void. @throws as `correct`, but RESULT_INVALID, FIXTURE_NOT_STARTED */
    abandon: async ({ fixtureId, reason }: AbandonInput): Promise<Fixture> =>
      decide(deps, {
        ...{ fixtureId, reason, action: 'fixture.abandon', change: 'abandoned' },
        decide: (fixture, now) =>
          fixture.status === 'abandoned' ? null : abandonFixture(fixture, now),
      }),
    /**
     * Takes a result, or that there was none, back: bets are open again and no price of before stands.
     * @throws as `abandon`, FIXTURE_WITHOUT_RESULT, KICK_OFF_INVALID
     */
    reopen: async ({ fixtureId, reason, startsAt }: ReopenInput): Promise<Fixture> =>
      decide(deps, {
        ...{ fixtureId, reason, action: 'fixture.reopen', change: 'moved', isOpenToFeed: true },
        decide: (fixture, now) => {
          if (fixture.status === 'scheduled') throw analyticsError('FIXTURE_WITHOUT_RESULT')
          checkKickOff(startsAt, now)
          fixture.startsAt = startsAt
          return takeResultBack(fixture, now)
        },
      }),
  }
}
