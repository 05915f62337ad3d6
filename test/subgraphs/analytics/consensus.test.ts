import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  bestPrice,
  type ConsensusMethod,
  consensus,
  fairOdds,
  fairProbabilities,
  impliedProbability,
  movement,
  type OfferedPrice,
  overround,
  powerExponent,
} from '#subgraphs/analytics/services/consensus.ts'

const odds = fc.integer({ min: 1001, max: 1_000_000 })
const market = fc.array(odds, { minLength: 2, maxLength: 64 })
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

test('the overround of 2.00 and 2.00 is nothing, of 1.90 and 1.90 about 5.3 percent', () => {
  expect(overround([2000, 2000])).toBe(0)
  expect(overround([1900, 1900])).toBeCloseTo(0.052632, 6)
})

test('the power method gives the published figures for 2.70, 2.30 and 4.40', () => {
  const [home, draw, away] = fairProbabilities([2700, 2300, 4400])
  expect(home).toBeCloseTo(0.3592, 4)
  expect(draw).toBeCloseTo(0.4237, 4)
  expect(away).toBeCloseTo(0.2171, 4)
  expect(powerExponent([2700, 2300, 4400])).toBeCloseTo(1.0309, 4)
})

test('fair probabilities of any market sum to one and lie between nothing and one', () => {
  fc.assert(
    fc.property(market, (prices) => {
      const fair = fairProbabilities(prices)
      expect(Math.abs(sum(fair) - 1)).toBeLessThan(1e-12)
      for (const probability of fair) expect(probability >= 0 && probability <= 1).toBe(true)
    }),
    { numRuns: 2000 },
  )
})

test('the exponent solves its equation to 1e-12 before any scaling', () => {
  fc.assert(
    fc.property(market, (prices) => {
      const exponent = powerExponent(prices)
      const powers = prices.map((price) => impliedProbability(price) ** exponent)
      expect(Math.abs(sum(powers) - 1)).toBeLessThan(1e-11)
    }),
    { numRuns: 2000 },
  )
})

test('a lower price is never thought less likely than a higher one of the same market', () => {
  fc.assert(
    fc.property(market, (prices) => {
      const ranked = prices.toSorted((left, right) => left - right)
      const fair = fairProbabilities(ranked)
      for (const [index, probability] of fair.entries()) {
        expect(probability).toBeLessThanOrEqual((fair[index - 1] ?? 1) + 1e-15)
      }
    }),
  )
})

test('a price that shortens while the others stay becomes more likely', () => {
  // among dozens of prices near 1.00 a long shot's probability is below the smallest number there is
  const usual = fc.array(fc.integer({ min: 1050, max: 100_000 }), { minLength: 2, maxLength: 8 })
  fc.assert(
    fc.property(usual, fc.integer({ min: 1, max: 500_000 }), (prices, cut) => {
      const [first = 0, ...others] = prices
      const shorter = Math.max(1050, first - cut)
      fc.pre(shorter < first)
      const before = fairProbabilities(prices)[0] ?? 0
      expect(fairProbabilities([shorter, ...others])[0]).toBeGreaterThan(before)
    }),
  )
})

test('odds without a margin give themselves back', () => {
  const weights = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 2, maxLength: 20 })
  fc.assert(
    fc.property(weights, (parts) => {
      const probabilities = parts.map((part) => part / sum(parts))
      const fair = fairProbabilities(probabilities.map((probability) => 1000 / probability))
      for (const [index, probability] of fair.entries()) {
        expect(Math.abs(probability - (probabilities[index] ?? 0))).toBeLessThan(1e-11)
      }
    }),
  )
})

test('prices with a sure profit are solved with an exponent below one, with a margin above', () => {
  expect(powerExponent([2100, 2100])).toBeLessThan(1)
  expect(powerExponent([1900, 1900])).toBeGreaterThan(1)
  expect(overround([2100, 2100])).toBeLessThan(0)
})

test('long shots lose more than favourites when the margin is taken out', () => {
  const prices = [1200, 6500, 13_000]
  const fair = fairProbabilities(prices)
  const kept = prices.map((price, index) => (fair[index] ?? 0) / impliedProbability(price))
  expect(kept[0]).toBeGreaterThan(kept[1] ?? 1)
  expect(kept[1]).toBeGreaterThan(kept[2] ?? 1)
})

test.each([[0], [1000], [-2000], [Number.NaN], [Number.POSITIVE_INFINITY]])(
  'odds of %s thousandths answer ODDS_INVALID',
  (price) => {
    expect(() => overround([2000, price])).toThrow(
      expect.objectContaining({ code: 'ODDS_INVALID' }),
    )
    expect(() => movement(2000, price)).toThrow(expect.objectContaining({ code: 'ODDS_INVALID' }))
  },
)

test('a market of one price answers ODDS_INCOMPLETE', () => {
  const incomplete = expect.objectContaining({ code: 'ODDS_INCOMPLETE' })
  expect(() => fairProbabilities([2000])).toThrow(incomplete)
  expect(() => overround([])).toThrow(incomplete)
})

test('fair odds of one half are 2.00, and certainty has none', () => {
  expect(fairOdds(0.5)).toBe(2000)
  for (const probability of [0, 1, Number.NaN, -0.1]) {
    expect(() => fairOdds(probability)).toThrow(expect.objectContaining({ code: 'ODDS_INVALID' }))
  }
})

test('a movement from 2.50 to 2.00 shortened, back again drifted, and nothing is unchanged', () => {
  expect(movement(2500, 2000)).toEqual({
    change: -500,
    ratio: 0.8,
    probabilityChange: 0.09999999999999998,
    direction: 'shortened',
  })
  expect(movement(2000, 2500).direction).toBe('drifted')
  expect(movement(2000, 2000)).toEqual({
    change: 0,
    ratio: 1,
    probabilityChange: 0,
    direction: 'unchanged',
  })
})

const offered = (
  source: string,
  side: 'back' | 'lay',
  price: number,
  second = 0,
): OfferedPrice => ({
  source,
  side,
  odds: price,
  at: new Date(second * 1000),
})

test('the best price is the highest to back and the lowest to lay', () => {
  const prices = [
    offered('a', 'back', 2000),
    offered('b', 'back', 2100),
    offered('c', 'lay', 2200),
    offered('d', 'lay', 2150),
  ]
  expect(bestPrice(prices, 'back')?.source).toBe('b')
  expect(bestPrice(prices, 'lay')?.source).toBe('d')
  expect(bestPrice(prices.slice(0, 2), 'lay')).toBeNull()
})

test('of equal prices the older stands, and of equally old ones the first name, in any order', () => {
  const prices = [offered('z', 'back', 2000, 1), offered('b', 'back', 2000, 2)]
  const sameTime = [...prices, offered('m', 'back', 2000, 1)]
  fc.assert(
    fc.property(fc.shuffledSubarray(sameTime, { minLength: 3 }), (shuffled) => {
      expect(bestPrice(shuffled, 'back')?.source).toBe('m')
    }),
  )
  expect(bestPrice(prices, 'back')?.source).toBe('z')
})

test('a consensus of one source is what that source thinks', () => {
  const prices = [2700, 2300, 4400]
  const agreed = consensus([{ source: 'a', odds: prices }])
  expect(agreed?.sources).toBe(1)
  expect(agreed?.meanOverround).toBeCloseTo(overround(prices), 12)
  for (const [index, probability] of fairProbabilities(prices).entries()) {
    expect(agreed?.probabilities[index]).toBeCloseTo(probability, 12)
  }
})

test('the median resists one wild source where the mean gives way', () => {
  const books = [
    { source: 'a', odds: [1900, 1900] },
    { source: 'b', odds: [1910, 1890] },
    { source: 'wild', odds: [1010, 50_000] },
  ]
  expect(consensus(books, 'median')?.probabilities[0]).toBeCloseTo(0.5, 2)
  expect(consensus(books, 'mean')?.probabilities[0]).toBeGreaterThan(0.6)
})

test('a consensus sums to one and lies between the least and the most of its sources', () => {
  const books = fc.integer({ min: 2, max: 8 }).chain((width) =>
    fc.array(fc.array(odds, { minLength: width, maxLength: width }), {
      minLength: 1,
      maxLength: 9,
    }),
  )
  const methods = fc.constantFrom<ConsensusMethod>('mean', 'median')
  fc.assert(
    fc.property(books, methods, (markets, method) => {
      const agreed = consensus(
        markets.map((prices, index) => ({ source: `s${index}`, odds: prices })),
        method,
      )
      expect(Math.abs(sum(agreed?.probabilities ?? []) - 1)).toBeLessThan(1e-12)
      if (method === 'median') return
      const fair = markets.map((prices) => fairProbabilities(prices)[0] ?? 0)
      expect(agreed?.probabilities[0]).toBeGreaterThanOrEqual(Math.min(...fair) - 1e-12)
      expect(agreed?.probabilities[0]).toBeLessThanOrEqual(Math.max(...fair) + 1e-12)
    }),
  )
})

test('no sources have no consensus, and sources of different width answer ODDS_INCOMPLETE', () => {
  expect(consensus([])).toBeNull()
  const uneven = [
    { source: 'a', odds: [2000, 2000] },
    { source: 'b', odds: [3000, 3000, 3000] },
  ]
  expect(() => consensus(uneven)).toThrow(expect.objectContaining({ code: 'ODDS_INCOMPLETE' }))
})
