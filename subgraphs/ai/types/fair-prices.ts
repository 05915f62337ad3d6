import { builder } from '../builder.ts'
import type { FairPrice, PricedMarket } from '../services/forecast/fair-prices.ts'

const FairPriceType = builder.objectRef<FairPrice>('FairPrice').implement({
  description: 'The price of one answer without a margin: a bet at it is worth nothing on average.',
  shares: 'everyone',
  fields: (t) => ({
    line: t.exposeInt('line', {
      description:
        'In thousandths of a goal (2500 is 2.5), of handicaps that of the home team; 0 where there is none.',
    }),
    selection: t.exposeString('selection', {
      description: 'home, draw, away, over, under, yes, no; of correct scores 2:1 or other.',
    }),
    probability: t.exposeFloat('probability', {
      description: 'What the odds are the inverse of; those of a market’s answers sum to one.',
    }),
    odds: t.exposeInt('odds', {
      description: 'Decimal odds in thousandths (2100 is 2.10), held to 1.001 and 1000.',
    }),
    pushProbability: t.float({
      description: 'How likely the stake is given back.',
      resolve: ({ shares }) => shares.push,
    }),
  }),
})

/** Answers that each market has at most, in the steps of its lines. */
const SIZES: Readonly<Record<PricedMarket, number>> = {
  match_result: 3,
  over_under: 50,
  both_score: 2,
  handicap: 50,
  draw_no_bet: 2,
  correct_score: 37,
}

export const FairPricesType = builder.objectRef<readonly FairPrice[]>('FairPrices').implement({
  description: 'Prices of a fixture’s markets without a margin, all from one score matrix.',
  shares: 'everyone',
  fields: (t) => {
    const of = (market: PricedMarket, description: string) =>
      t.field({
        type: [FairPriceType],
        description,
        listSize: { assumedSize: SIZES[market] },
        resolve: (prices) => prices.filter(({ marketType }) => marketType === market),
      })
    return {
      matchResult: of('match_result', 'Who wins, or nobody.'),
      overUnder: of('over_under', 'More or fewer goals than 0.5 to 6.5, in quarters.'),
      bothScore: of('both_score', 'Whether both teams score.'),
      handicap: of('handicap', 'Asian handicaps of the home team from -3 to +3, in quarters.'),
      drawNoBet: of('draw_no_bet', 'Who wins; a draw gives the stake back.'),
      correctScore: of('correct_score', 'Scores to 5:5, and any other.'),
    }
  },
})
