import type { SqlEntityManager } from '#kernel/db/database.ts'
import { isDomainError } from '#kernel/errors.ts'
import { Fixture } from '../../entities/fixture.ts'
import type { AskedBet } from './bet-input.ts'
import type { BetMemory } from './bet-memory.ts'
import { checkPayout, type Limits } from './limits.ts'
import {
  type AnsweredLeg,
  checkLegs,
  findStandingLegs,
  fixtureIdsOf,
  type StandingLeg,
} from './standing-legs.ts'

/** A bet that may be placed as things stand. */
export type Draft = { legs: readonly StandingLeg[]; potentialPayout: bigint }

type Asking = { asked: AskedBet; now: Date }

/** What of a bet does not move while it is placed. */
export type Ground = { answers: readonly AnsweredLeg[]; limits: Limits }

/** Every rule that changes by the moment: kick-offs, prices, and what the bet would pay at them. */
function draftOf({ asked, now }: Asking, limits: Limits, legs: readonly StandingLeg[]): Draft {
  checkLegs(legs, { maxLegs: limits.maxLegs, priceChange: asked.priceChange, now })
  const priced = legs.map(({ price }) => ({ odds: price.odds, outcome: 'open' as const }))
  return { legs, potentialPayout: checkPayout(limits, asked.stake.amount, priced) }
}

/** The bet on fixtures that were read. @throws as `findStandingLegs`, `checkLegs` and `checkPayout` */
export async function draftBet(
  em: SqlEntityManager,
  asking: Asking,
  { answers, limits, fixtures }: Ground & { fixtures: readonly Fixture[] },
): Promise<Draft> {
  return draftOf(asking, limits, await findStandingLegs(em, answers, { fixtures, now: asking.now }))
}

/** Whether the bet could be placed on what another bet was placed on a moment ago. */
function isFineAsRemembered(memory: BetMemory, asking: Asking, ground: Ground): boolean {
  const { answers, limits } = ground
  const legs = answers.flatMap((answer) => {
    const footing = memory.footingOf(answer, asking.now)
    return footing ? [{ ...answer, ...footing }] : []
  })
  if (legs.length < answers.length) return false
  try {
    draftOf(asking, limits, legs)
    return true
  } catch (failure) {
    // A refusal is told after a look at what stands now.
    if (isDomainError(failure)) return false
    throw failure
  }
}

/**
 * The rules before compliance is asked, which keep it from questions for nothing. The booking has the last word, so
 * a look of a moment ago is as good, but never for a refusal. @throws as `draftBet`
 */
export async function checkDraft(
  em: SqlEntityManager,
  asking: Asking,
  { memory, ...ground }: Ground & { memory: BetMemory },
): Promise<void> {
  if (isFineAsRemembered(memory, asking, ground)) return
  const fixtures = await em.find(Fixture, { id: { $in: fixtureIdsOf(ground.answers) } })
  const { legs } = await draftBet(em, asking, { ...ground, fixtures })
  for (const leg of legs) memory.rememberFooting(leg, asking.now)
}
