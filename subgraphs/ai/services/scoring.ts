import { LockMode } from '@mikro-orm/core'
import { LRUCache } from 'lru-cache'
import type { Clock } from '#kernel/clock.ts'
import { updateWhere } from '#kernel/db/conditional-writes.ts'
import { type Database, type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { createLoop, type Loop } from '#kernel/jobs/loop.ts'
import type { Logger } from '#kernel/log.ts'
import { AiModel } from '../entities/ai-model.ts'
import { AiPrediction } from '../entities/ai-prediction.ts'
import { MatchResult } from '../entities/match-result.ts'
import { outcomeOf } from './forecast/outcomes.ts'
import { brier, logLoss, rps } from './forecast/scores.ts'

export type ScoringDeps = { database: Database; clock: Clock; log: Logger }

/** How often results are looked for that another process took in. */
const POLL_MS = 1_000
/** Predictions scored in one transaction, and fixtures in one round. */
const PREDICTIONS_AT_ONCE = 200
const FIXTURES_AT_ONCE = 50
/** A fixture that could not be scored is tried again after this time. */
const RETRY_MS = 60_000
/** Such fixtures that a process remembers; one more costs a try at each look. */
const HELD_BACK_KEPT = 10_000
/** Models of one name there may ever be: each was trained and committed. */
const MOST_MODELS = 1_000

/** What a result makes of a prediction; nothing when it was taken back or the match abandoned. */
function scoreOf(prediction: AiPrediction, result: MatchResult, now: Date) {
  const { homeGoals, awayGoals, resultVersion } = result
  if (homeGoals == null || awayGoals == null) {
    return {
      ...{ actualResult: null, outcome: null, accuracyScore: null, isHit: null },
      ...{ logLoss: null, rps: null, brier: null, settledAt: null },
      resultVersion,
    }
  }
  const { probabilities } = prediction.predictionResult
  const outcome = outcomeOf({ homeGoals, awayGoals })
  const judged = { probabilities, outcome }
  const { home, draw, away } = probabilities
  const isHit = probabilities[outcome] === Math.max(home, draw, away)
  return {
    ...{ actualResult: { home: homeGoals, away: awayGoals, outcome }, outcome },
    ...{ accuracyScore: isHit ? 1 : 0, isHit },
    ...{ logLoss: logLoss(judged), rps: rps(judged), brier: brier(judged) },
    ...{ settledAt: now, resultVersion },
  }
}

/** The result's row, locked: whoever stores a newer version waits, and scores by it afterwards. */
const lockResult = (tx: SqlEntityManager, fixtureId: string) =>
  tx.findOne(MatchResult, { fixtureId }, { lockMode: LockMode.PESSIMISTIC_WRITE })

/** @returns the id after which the next page begins, or null at the end */
async function acrossTenantsScorePage(
  tx: SqlEntityManager,
  fixtureId: string,
  { after, now }: { after: string | null; now: Date },
): Promise<string | null> {
  const result = await lockResult(tx, fixtureId)
  if (!result) return null
  const rows = await tx.find(
    AiPrediction,
    { fixtureId, ...(after !== null && { id: { $gt: after } }) },
    { orderBy: { id: 'asc' }, limit: PREDICTIONS_AT_ONCE },
  )
  for (const row of rows) {
    if (row.resultVersion !== result.resultVersion) Object.assign(row, scoreOf(row, result, now))
  }
  await tx.flush()
  return rows.length < PREDICTIONS_AT_ONCE ? null : (rows.at(-1)?.id ?? null)
}

/** Marks the last prediction of each model before kick-off, and that this version is done. */
async function acrossTenantsFinish(
  tx: SqlEntityManager,
  { fixtureId, resultVersion }: MatchResult,
): Promise<void> {
  const result = await lockResult(tx, fixtureId)
  if (result?.resultVersion !== resultVersion) return
  const isKnown = result.homeGoals != null
  const finals: string[] = []
  for (const { id: modelId } of isKnown ? await tx.find(AiModel, {}, { limit: MOST_MODELS }) : []) {
    const last = await tx.findOne(
      AiPrediction,
      { modelId, fixtureId, createdAt: { $lt: result.playedAt } },
      { orderBy: { slot: 'desc' } },
    )
    if (last) finals.push(last.id)
  }
  const others = finals.length === 0 ? {} : { id: { $nin: finals } }
  const wrong = { fixtureId, isFinal: true, ...others }
  await updateWhere(tx, AiPrediction, { where: wrong, set: { isFinal: false } })
  if (finals.length > 0) {
    await updateWhere(tx, AiPrediction, { where: { id: { $in: finals } }, set: { isFinal: true } })
  }
  await updateWhere(tx, MatchResult, {
    where: { fixtureId, resultVersion },
    set: { isScoringDue: false },
  })
}

async function scoreFixture({ database, clock }: ScoringDeps, due: MatchResult): Promise<void> {
  let after: string | null = null
  do {
    const from: string | null = after
    after = await transactional(database.acrossTenants(), (tx) =>
      acrossTenantsScorePage(tx, due.fixtureId, { after: from, now: clock.now() }),
    )
  } while (after !== null)
  await transactional(database.acrossTenants(), (tx) => acrossTenantsFinish(tx, due))
}

/** Fixtures that could not be scored, each with when it is tried again. */
function createHeldBack({ clock, log }: ScoringDeps) {
  const until = new LRUCache<string, number>({ max: HELD_BACK_KEPT })
  const keyOf = ({ fixtureId, resultVersion }: MatchResult) => `${fixtureId}:${resultVersion}`
  return {
    includes: (result: MatchResult) => (until.get(keyOf(result)) ?? 0) > clock.now().getTime(),
    add: (result: MatchResult, failure: unknown): void => {
      log.error({ err: failure, fixture: result.fixtureId }, 'a fixture was not scored')
      until.set(keyOf(result), clock.now().getTime() + RETRY_MS)
    },
  }
}

const acrossTenantsDueAfter = (database: Database, after: string | null) => {
  const where = { isScoringDue: true, ...(after !== null && { id: { $gt: after } }) }
  const page = { orderBy: { id: 'asc' }, limit: FIXTURES_AT_ONCE } as const
  return database.acrossTenants().find(MatchResult, where, page)
}

/**
 * Scores predictions when results come, and again when those are corrected: in small transactions,
 * so that nobody waits, and from where it stood after a crash. A fixture that cannot be scored is
 * logged and tried again after a minute; the others go on.
 */
export function createScoring(deps: ScoringDeps): Loop {
  const heldBack = createHeldBack(deps)
  const round = async () => {
    let after: string | null = null
    do {
      const due: MatchResult[] = await acrossTenantsDueAfter(deps.database, after)
      for (const result of due) {
        if (heldBack.includes(result)) continue
        await scoreFixture(deps, result).catch((failure: unknown) => heldBack.add(result, failure))
      }
      after = due.length < FIXTURES_AT_ONCE ? null : (due.at(-1)?.id ?? null)
    } while (after !== null)
  }
  return createLoop({ name: 'ai-scoring', round, pauseMilliseconds: POLL_MS, log: deps.log })
}
