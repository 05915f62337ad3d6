import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LegOutcome } from '#subgraphs/analytics/entities/bet-leg.ts'
import type { MarketType } from '#subgraphs/analytics/entities/market.ts'
import type { SelectionName } from '#subgraphs/analytics/entities/selection.ts'
import { cashOutValue } from '#subgraphs/analytics/services/bets/cash-out-value.ts'
import { betOutcome, legOutcome } from '#subgraphs/analytics/services/settlement/outcomes.ts'
import {
  combinedOdds,
  highestStake,
  payoutOf,
} from '#subgraphs/analytics/services/settlement/payout.ts'
import { secondPayout } from './kit/second-calculation.ts'

const outcomesOf = (
  [marketType, line, selection]: readonly [MarketType, number, SelectionName],
  scores: readonly string[],
) =>
  scores.map((score) => {
    const [home = 0, away = 0] = score.split(':').map(Number)
    return legOutcome({ marketType, line, selection }, { home, away })
  })

test.each([
  ['match_result', 0, 'home', 'won lost lost'],
  ['match_result', 0, 'draw', 'lost won lost'],
  ['match_result', 0, 'away', 'lost lost won'],
  ['draw_no_bet', 0, 'home', 'won push lost'],
  ['draw_no_bet', 0, 'away', 'lost push won'],
  ['both_score', 0, 'yes', 'won lost won'],
  ['both_score', 0, 'no', 'lost won lost'],
  ['handicap', -1_000, 'home', 'push lost lost'],
  ['handicap', -1_000, 'away', 'push won won'],
  ['handicap', -750, 'home', 'half_won lost lost'],
  ['handicap', -1_250, 'home', 'half_lost lost lost'],
  ['handicap', -1_250, 'away', 'half_won won won'],
  ['handicap', 250, 'home', 'won half_won lost'],
  ['handicap', -250, 'home', 'won half_lost lost'],
  ['handicap', 500, 'away', 'lost lost won'],
] as const)('%s %d %s at 2:1, 0:0 and 1:3 is %s', (marketType, line, selection, expected) => {
  expect(outcomesOf([marketType, line, selection], ['2:1', '0:0', '1:3']).join(' ')).toBe(expected)
})

test.each([
  [2_500, 'over', 'lost lost won won'],
  [2_500, 'under', 'won won lost lost'],
  [2_000, 'over', 'lost push won won'],
  [2_000, 'under', 'won push lost lost'],
  [2_250, 'over', 'lost half_lost won won'],
  [2_250, 'under', 'won half_won lost lost'],
  [2_750, 'over', 'lost lost half_won won'],
  [2_750, 'under', 'won won half_lost lost'],
  [2_300, 'over', 'lost lost won won'],
] as const)('%d %s at one to four goals is %s', (line, selection, expected) => {
  const scores = ['1:0', '1:1', '2:1', '2:2']
  expect(outcomesOf(['over_under', line, selection], scores).join(' ')).toBe(expected)
})

test('an abandoned game and an answer that its market does not know are void', () => {
  const answer = { marketType: 'match_result', line: 0, selection: 'home' } as const
  expect(legOutcome(answer, 'abandoned')).toBe('void')
  expect(legOutcome({ ...answer, selection: 'over' }, { home: 1, away: 0 })).toBe('void')
})

test.each([
  ['won', 'won'],
  ['push', 'void'],
  ['half_lost', 'half_lost'],
  ['open', null],
  ['won won', 'won'],
  ['won void', 'won'],
  ['half_won push', 'half_won'],
  ['void push', 'void'],
  ['won half_won', 'mixed'],
  ['open lost', 'lost'],
  ['open won', null],
] as const)('legs that are %s make a bet that is %s', (legs, expected) => {
  expect(betOutcome(legs.split(' ') as LegOutcome[])).toBe(expected)
})

const wonAt = (odds: readonly number[]) =>
  odds.map((one) => ({ odds: one, outcome: 'won' as const }))

test('a payout is rounded once, half up', () => {
  const pay = (stake: bigint, odds: number[]) => payoutOf(stake, wonAt(odds))
  expect(pay(101n, [1_500])).toBe(152n) // 151.5
  expect(pay(333n, [1_333, 1_333])).toBe(592n) // 591.70…
  expect(payoutOf(101n, [{ odds: 2_000, outcome: 'half_lost' }])).toBe(51n)
})

test('the highest stake within a payout is the last one that pays no more', () => {
  const anyOdds = fc.array(fc.integer({ min: 1_001, max: 1_000_000 }), {
    minLength: 1,
    maxLength: 8,
  })
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 10n ** 15n }), anyOdds, (maxPayout, odds) => {
      const legs = wonAt(odds)
      const stake = highestStake(maxPayout, legs)
      expect(payoutOf(stake, legs)).toBeLessThanOrEqual(maxPayout)
      expect(payoutOf(stake + 1n, legs)).toBeGreaterThan(maxPayout)
    }),
  )
})

test('odds of a multiple are their product rounded down, shown no longer than the longest', () => {
  expect(combinedOdds([1_333, 1_333])).toBe(1_776)
  expect(combinedOdds([900_000, 900_000])).toBe(1_000_000)
})

test('a bet is worth stake × odds over current odds less the fee, rounded down', () => {
  const stake = 1_000n
  const open = (odds: number, currentOdds: number | null) =>
    ({ odds, currentOdds, outcome: 'open' }) as const
  expect(cashOutValue(stake, [open(3_000, 2_000)], 500)).toBe(1_425n)
  expect(cashOutValue(stake, [open(2_000, 3_000)], 0)).toBe(666n)
  expect(
    cashOutValue(
      stake,
      [open(3_000, 2_000), { odds: 2_000, outcome: 'won', currentOdds: null }],
      500,
    ),
  ).toBe(2_850n)
  expect(cashOutValue(stake, [open(3_000, null)], 500)).toBeNull()
  expect(cashOutValue(1n, [open(1_001, 1_000_000)], 500)).toBeNull()
})

const PICKS: Readonly<Record<MarketType, readonly SelectionName[]>> = {
  match_result: ['home', 'draw', 'away'],
  draw_no_bet: ['home', 'away'],
  both_score: ['yes', 'no'],
  over_under: ['over', 'under'],
  handicap: ['home', 'away'],
}

const anyLeg = fc
  .record({
    marketType: fc.constantFrom(...(Object.keys(PICKS) as MarketType[])),
    pick: fc.nat({ max: 5 }),
    quarters: fc.integer({ min: -12, max: 20 }),
    odds: fc.integer({ min: 1_001, max: 1_000_000 }),
    result: fc.oneof(
      { weight: 8, arbitrary: fc.tuple(fc.nat({ max: 6 }), fc.nat({ max: 6 })) },
      { weight: 1, arbitrary: fc.constant('abandoned' as const) },
      { weight: 1, arbitrary: fc.constant(null) },
    ),
  })
  .map(({ marketType, pick, quarters, ...leg }) => {
    const picks = PICKS[marketType]
    const hasLine = marketType === 'over_under' || marketType === 'handicap'
    return {
      ...leg,
      marketType,
      selection: picks[pick % picks.length] ?? 'home',
      line: hasLine ? quarters * 250 : 0,
    }
  })

test('any bet on any results pays what a second calculation says, to the minor unit', () => {
  const anyBet = fc.record({
    stake: fc.bigInt({ min: 1n, max: 10n ** 9n }),
    legs: fc.array(anyLeg, { minLength: 1, maxLength: 8 }),
  })
  fc.assert(
    fc.property(anyBet, ({ stake, legs }) => {
      const settled = legs.map((leg) => {
        const { result } = leg
        if (result === null) return { odds: leg.odds, outcome: 'open' as const }
        const goals = result === 'abandoned' ? result : { home: result[0], away: result[1] }
        return { odds: leg.odds, outcome: legOutcome(leg, goals) }
      })
      const isEnded = betOutcome(settled.map(({ outcome }) => outcome)) !== null
      const second = secondPayout(
        stake,
        legs.map(({ marketType: market, selection: pick, line, odds, result }) => ({
          ...{ market, pick, odds, result },
          line: line / 1_000,
        })),
      )
      expect(isEnded ? payoutOf(stake, settled) : null).toBe(second)
    }),
    { numRuns: 5_000 },
  )
})
