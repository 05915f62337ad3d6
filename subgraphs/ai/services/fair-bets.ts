import { z } from 'zod'
import { createBatch } from '#kernel/db/batches.ts'
import { isDomainError } from '#kernel/errors.ts'
import { isDecimalId } from '#kernel/ids.ts'
import { serviceError } from '#kernel/service/errors.ts'
import type { AiPrediction } from '../entities/ai-prediction.ts'
import { fairOddsOf, PRICED_MARKETS, type PricedMarket } from './forecast/fair-prices.ts'
import type { Predictions } from './predictions.ts'
import type { AiRequest } from './request.ts'

const MOST_AT_ONCE = 100
const UNIT = 1000n
/** The largest number that an `Int` holds. */
const LARGEST_ODDS = 2_147_483_647n

const Leg = z.object({
  fixtureId: z.string(),
  marketType: z.string(),
  line: z.int(),
  selection: z.string(),
})
const Answer = z.object({
  _entities: z
    .array(z.object({ id: z.string(), legs: z.array(Leg).min(1).max(50) }).nullable())
    .max(MOST_AT_ONCE),
})

type BetLeg = z.infer<typeof Leg>

export type FairLeg = BetLeg & {
  /** Thousandths. */
  odds: number
  probability: number
}

/** What a bet's odds would be without a margin. */
export type FairBet = {
  /** Of all legs together, in thousandths. */
  odds: number
  legs: readonly FairLeg[]
}

/** Bets as federation asks for them: those that the asker may not see are null. */
const DOCUMENT = `query LegsForFairPrices($bets: [_Any!]!) {
  _entities(representations: $bets) {
    ... on Bet { id legs { fixtureId marketType line selection } }
  }
}`

/** @throws SERVICE_UNREACHABLE, SERVICE_TIMEOUT, SERVICE_ANSWER_INVALID, and what analytics refuses */
async function askLegs({ services, viewer, signal }: AiRequest, ids: readonly string[]) {
  const bets = ids.map((id) => ({ __typename: 'Bet', id }))
  const answer = await services.query('analytics', {
    document: DOCUMENT,
    variables: { bets },
    // The asker's own rights decide: analytics alone knows whose bets these are.
    viewer,
    signal,
  })
  const parsed = Answer.safeParse(answer)
  if (!parsed.success) {
    throw serviceError('SERVICE_ANSWER_INVALID', { service: 'analytics' }, { cause: parsed.error })
  }
  return parsed.data._entities.flatMap((bet) => bet ?? [])
}

async function legsOf(
  request: AiRequest,
  ids: readonly string[],
): Promise<(readonly BetLeg[] | null)[]> {
  const legs = new Map<string, readonly BetLeg[]>()
  for (let start = 0; start < ids.length; start += MOST_AT_ONCE) {
    const bets = await askLegs(request, ids.slice(start, start + MOST_AT_ONCE))
    for (const bet of bets) legs.set(bet.id, bet.legs)
  }
  return ids.map((id) => legs.get(id) ?? null)
}

/** Rounded down at the end, once. */
function productOf(odds: readonly number[]): number {
  const product = odds.reduce((all, one) => all * BigInt(one), 1n)
  const thousandths = product / UNIT ** BigInt(odds.length - 1)
  return Number(thousandths > LARGEST_ODDS ? LARGEST_ODDS : thousandths)
}

const isPriced = (type: string): type is PricedMarket =>
  (PRICED_MARKETS as readonly string[]).includes(type)

/** Null for a fixture that nobody can judge. @throws as `Predictions.ofFixture` beside that */
async function predictionOf(predictions: Predictions, id: string): Promise<AiPrediction | null> {
  try {
    return await predictions.ofFixture(id)
  } catch (failure) {
    const isUnjudged =
      isDomainError(failure, 'TEAM_UNKNOWN') || isDomainError(failure, 'FIXTURE_WITHOUT_HISTORY')
    if (isUnjudged) return null
    throw failure
  }
}

async function priceLeg(predictions: Predictions, leg: BetLeg): Promise<FairLeg | null> {
  const marketType = leg.marketType.toLowerCase()
  if (!isPriced(marketType)) return null
  const prediction = await predictionOf(predictions, leg.fixtureId)
  if (!prediction) return null
  const { line } = leg
  const selection = leg.selection.toLowerCase()
  const price = fairOddsOf(predictions.matrixOf(prediction), { marketType, line, selection })
  return price && { ...leg, odds: price.odds, probability: price.probability }
}

export type FairBets = ReturnType<typeof createFairBets>

/** What bets would cost without a margin, by the predictions of their fixtures. */
export function createFairBets(request: AiRequest, predictions: Predictions) {
  const load = createBatch((ids: readonly string[]) => legsOf(request, ids))
  return {
    /**
     * Null for a bet that the asker may not see, and where a leg has no fair price.
     * @throws MODEL_UNAVAILABLE, SERVICE_UNREACHABLE, SERVICE_TIMEOUT, SERVICE_ANSWER_INVALID
     */
    ofBet: async (id: string): Promise<FairBet | null> => {
      const legs = isDecimalId(id) ? await load(id) : null
      if (!legs) return null
      const priced = await Promise.all(legs.map((leg) => priceLeg(predictions, leg)))
      const whole = priced.flatMap((leg) => leg ?? [])
      if (whole.length < legs.length) return null
      return { odds: productOf(whole.map(({ odds }) => odds)), legs: whole }
    },
  }
}
