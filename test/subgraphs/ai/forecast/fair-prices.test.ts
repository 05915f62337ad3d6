import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HIGHEST_ODDS, LOWEST_ODDS } from '#kernel/money.ts'
import {
  type FairPrice,
  fairOddsOf,
  fairPrices,
} from '#subgraphs/ai/services/forecast/fair-prices.ts'
import { marketMatrix } from '#subgraphs/ai/services/forecast/market-matrix.ts'
import {
  dixonColesMatrix,
  fitOutcomes,
  outcomeProbabilities,
} from '#subgraphs/ai/services/forecast/score-matrix.ts'
import { goals, probabilities } from './forecast-kit.ts'

const matrixOf = (expected: { home: number; away: number }) => dixonColesMatrix(expected, -0.06)
const matrix = matrixOf({ home: 1.6, away: 1.1 })
const anyMatrix = fc
  .tuple(goals, probabilities)
  .map(([expected, wanted]) => fitOutcomes(matrixOf(expected), wanted))

const priceOf = (marketType: FairPrice['marketType'], line: number, selection: string) => {
  const price = fairOddsOf(matrix, { marketType, line, selection })
  if (!price) throw new Error(`no price for ${marketType} ${line} ${selection}`)
  return price
}

test('the chances of the answers to one question sum to one, and so do the ends of each bet', () => {
  fc.assert(
    fc.property(anyMatrix, (any) => {
      const prices = fairPrices(any)
      const markets = Map.groupBy(prices, ({ marketType, line }) => `${marketType} ${line}`)
      for (const answers of markets.values()) {
        expect(answers.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 9)
      }
      for (const { shares } of prices) {
        expect(Object.values(shares).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9)
      }
    }),
    { numRuns: 30 },
  )
})

test('a bet at the fair odds is worth nothing on average', () => {
  for (const { odds, shares, marketType } of fairPrices(matrix)) {
    if (odds === HIGHEST_ODDS || odds === LOWEST_ODDS) continue
    const { win, halfWin, halfLoss, loss } = shares
    const value = (win + halfWin / 2) * (odds / 1000 - 1) - halfLoss / 2 - loss
    expect(Math.abs(value), marketType).toBeLessThan(0.001)
  }
})

test('what one side of a handicap wins the other loses', () => {
  for (let line = -3000; line <= 3000; line += 250) {
    const [home, away] = [priceOf('handicap', line, 'home'), priceOf('handicap', line, 'away')]
    expect(home.shares.win).toBeCloseTo(away.shares.loss, 12)
    expect(home.shares.halfWin).toBeCloseTo(away.shares.halfLoss, 12)
    expect(home.shares.push).toBeCloseTo(away.shares.push, 12)
  }
})

test('a handicap of nothing is draw no bet, one of half a goal decides every draw', () => {
  const { home, draw } = outcomeProbabilities(matrix)
  expect(priceOf('handicap', 0, 'home').odds).toBe(priceOf('draw_no_bet', 0, 'home').odds)
  expect(priceOf('handicap', -500, 'home').odds).toBe(priceOf('match_result', 0, 'home').odds)
  expect(priceOf('handicap', 500, 'home').probability).toBeCloseTo(home + draw, 12)
})

test('a quarter line ends half, a whole one returns, a half one decides', () => {
  const { draw } = outcomeProbabilities(matrix)
  expect(priceOf('handicap', -250, 'home').shares.halfLoss).toBeCloseTo(draw, 12)
  expect(priceOf('handicap', 250, 'home').shares.halfWin).toBeCloseTo(draw, 12)
  expect(priceOf('over_under', 2000, 'over').shares.push).toBeGreaterThan(0.2)
  expect(priceOf('over_under', 2250, 'over').shares.halfLoss).toBe(
    priceOf('over_under', 2000, 'over').shares.push,
  )
  expect(priceOf('over_under', 2500, 'over').shares).toMatchObject({ push: 0, halfWin: 0 })
})

test('more goals grow less likely with the line, and a longer start likelier', () => {
  for (let line = 500; line < 6500; line += 250) {
    expect(priceOf('over_under', line + 250, 'over').probability).toBeLessThan(
      priceOf('over_under', line, 'over').probability,
    )
  }
  for (let line = -3000; line < 3000; line += 250) {
    expect(priceOf('handicap', line + 250, 'home').probability).toBeGreaterThan(
      priceOf('handicap', line, 'home').probability,
    )
  }
})

const MARKET = { home: 0.48, draw: 0.27, away: 0.25 }

/** Of an earlier, slower calculation: 0:0, 2:1, both score, home by -0.75, any other score. */
test.each([
  [null, [0.07576143248, 0.09377422665, 0.54032529355, 0.41360729315, 0.00695453087]],
  [
    { line: 2500, over: 0.56 },
    [0.0636544293, 0.09475279652, 0.5904173101, 0.41676614766, 0.00990076514],
  ],
  [
    { line: 3000, over: 0.4 },
    [0.06954680975, 0.0938378261, 0.56507972047, 0.41531164497, 0.00834831197],
  ],
] as const)('a market with the total %o has the chances that it always had', (total, chances) => {
  const fitted = marketMatrix(MARKET, total)
  const asked = [
    ['correct_score', 0, '0:0'],
    ['correct_score', 0, '2:1'],
    ['both_score', 0, 'yes'],
    ['handicap', -750, 'home'],
    ['correct_score', 0, 'other'],
  ] as const
  const found = asked.map(([marketType, line, selection]) => {
    return fairOddsOf(fitted, { marketType, line, selection })?.probability ?? 0
  })
  for (const [at, chance] of chances.entries()) expect(found[at]).toBeCloseTo(chance, 9)
})

test('all prices of twenty markets take less than 200 ms of the processor', () => {
  const price = (times: number) => {
    const began = process.cpuUsage()
    for (let at = 0; at < times; at++) {
      fairPrices(marketMatrix(MARKET, { line: 2500, over: 0.4 + at / 100 }))
    }
    const { user, system } = process.cpuUsage(began)
    return (user + system) / 1_000
  }
  price(10)
  expect(price(20)).toBeLessThan(200)
})

test('correct scores and any other are the matrix itself', () => {
  const prices = fairPrices(matrix).filter(({ marketType }) => marketType === 'correct_score')
  expect(prices).toHaveLength(37)
  expect(priceOf('correct_score', 0, '2:1').probability).toBeCloseTo(matrix[2]?.[1] ?? 0, 12)
  expect(priceOf('correct_score', 0, 'other').probability).toBeLessThan(0.02)
})

test('odds are whole thousandths within what exchanges quote', () => {
  const lopsided = fitOutcomes(matrix, { home: 0.9998, draw: 0.0001, away: 0.0001 })
  const odds = fairPrices(lopsided).map((price) => price.odds)
  expect(odds.every((one) => Number.isInteger(one))).toBe(true)
  expect([Math.min(...odds), Math.max(...odds)]).toEqual([LOWEST_ODDS, HIGHEST_ODDS])
})

test.each([
  ['match_result', 0, 'over'],
  ['match_result', 500, 'home'],
  ['over_under', 2300, 'over'],
  ['over_under', 7000, 'over'],
  ['over_under', 0, 'over'],
  ['handicap', -3250, 'home'],
  ['handicap', 0, 'draw'],
  ['both_score', 0, 'toString'],
  ['correct_score', 0, '6:0'],
  ['correct_score', 0, '01:1'],
] as const)('there is no price of %s %i %s', (marketType, line, selection) => {
  expect(fairOddsOf(matrix, { marketType, line, selection })).toBeNull()
})
