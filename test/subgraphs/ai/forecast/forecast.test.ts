import fc from 'fast-check'
import { expect, test } from 'vitest'
import { forecast, forecastFromMarket } from '#subgraphs/ai/services/forecast/forecast.ts'
import {
  createMatchState,
  featuresOf,
  type MatchFeatures,
} from '#subgraphs/ai/services/forecast/match-state.ts'
import { OUTCOMES, softmax } from '#subgraphs/ai/services/forecast/outcomes.ts'
import { outcomeProbabilities } from '#subgraphs/ai/services/forecast/score-matrix.ts'
import { codeOf, dayAfter, goals, model, probabilities } from './forecast-kit.ts'

const features = fc.record({
  values: fc.record({
    level: fc.constant(1),
    elo: fc.double({ min: -3, max: 3, noNaN: true }),
    pi: fc.double({ min: -5, max: 5, noNaN: true }),
    goals: fc.double({ min: -5, max: 5, noNaN: true }),
    draw: fc.double({ min: -3, max: 1, noNaN: true }),
  }),
  expectedGoals: goals,
  isHindsight: fc.constant(false),
})

const derby = featuresOf(createMatchState(model), {
  home: 'Arsenal',
  away: 'Chelsea',
  at: dayAfter,
})

function expectWhole(made: ReturnType<typeof forecast>) {
  const ofMatrix = outcomeProbabilities(made.scoreMatrix)
  const chances = softmax(made.logits)
  for (const outcome of OUTCOMES) {
    const sum = made.contributions.reduce((all, one) => all + one[outcome], 0)
    expect(Math.abs(sum - made.logits[outcome])).toBeLessThan(1e-9)
    expect(Math.abs(chances[outcome] - made.probabilities[outcome])).toBeLessThan(1e-12)
    expect(Math.abs(ofMatrix[outcome] - made.probabilities[outcome])).toBeLessThan(1e-9)
  }
  const cells = made.scoreMatrix.flat()
  expect(cells.every((cell) => cell >= 0)).toBe(true)
  expect(cells.reduce((sum, cell) => sum + cell, 0)).toBeCloseTo(1, 10)
}

test('contributions add up to the logit, and logit, probabilities and score matrix agree', () => {
  fc.assert(
    fc.property(features, fc.option(probabilities), (asked: MatchFeatures, market) => {
      const made = forecast(model, asked, market)
      expectWhole(made)
      expect(made.basis).toBe(market ? 'blend' : 'model')
    }),
  )
})

test('a blend lies between model and market, nearer to the market', () => {
  const market = { home: 0.2, draw: 0.25, away: 0.55 }
  const alone = forecast(model, derby).probabilities
  const blend = forecast(model, derby, market)
  expect(blend.probabilities.home).toBeGreaterThan(market.home)
  expect(blend.probabilities.home).toBeLessThan(alone.home)
  expect(blend.probabilities.home - market.home).toBeLessThan(alone.home - blend.probabilities.home)
  expect(blend.contributions.map(({ feature }) => feature)).toEqual([
    'level',
    'elo',
    'pi',
    'goals',
    'draw',
    'market',
  ])
})

test('the same question gets the same forecast', () => {
  const again = featuresOf(createMatchState(model), {
    home: 'Arsenal',
    away: 'Chelsea',
    at: dayAfter,
  })
  expect(forecast(model, again)).toEqual(forecast(model, derby))
})

test('the market alone makes a whole forecast for teams that nobody rated', () => {
  fc.assert(
    fc.property(probabilities, (market) => {
      const made = forecastFromMarket(market)
      expectWhole(made)
      expect(made.basis).toBe('market')
      for (const outcome of OUTCOMES)
        expect(made.probabilities[outcome]).toBeCloseTo(market[outcome])
    }),
    { numRuns: 20 },
  )
})

test('a known total moves the goals and leaves the result', () => {
  const market = { home: 0.5, draw: 0.26, away: 0.24 }
  for (const [line, over] of [
    [2500, 0.35],
    [2500, 0.65],
    [3000, 0.5],
  ] as const) {
    const made = forecastFromMarket(market, { line, over })
    expectWhole(made)
    const cells = made.scoreMatrix.flatMap((row, home) =>
      row.map((chance, away) => ({ beyond: (home + away) * 1000 - line, chance })),
    )
    const sum = (side: (beyond: number) => boolean) =>
      cells.reduce((all, { beyond, chance }) => all + (side(beyond) ? chance : 0), 0)
    const [more, fewer] = [sum((beyond) => beyond > 0), sum((beyond) => beyond < 0)]
    expect(more / (more + fewer)).toBeCloseTo(over, 6)
  }
})

test('what is no probability of a market answers MARKET_PROBABILITIES_INVALID', () => {
  const fair = { home: 0.5, draw: 0.3, away: 0.2 }
  for (const market of [
    { ...fair, home: 0.55 },
    { home: 1, draw: 0, away: 0 },
    { ...fair, home: Number.NaN },
  ]) {
    expect(codeOf(() => forecast(model, derby, market))).toBe('MARKET_PROBABILITIES_INVALID')
    expect(codeOf(() => forecastFromMarket(market))).toBe('MARKET_PROBABILITIES_INVALID')
  }
  for (const total of [
    { line: 2250, over: 0.5 },
    { line: 2500, over: 1 },
    { line: 0, over: 0.5 },
  ]) {
    expect(codeOf(() => forecastFromMarket(fair, total))).toBe('MARKET_PROBABILITIES_INVALID')
  }
})
