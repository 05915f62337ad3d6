import { expect, test } from 'vitest'
import { brier, deVig, ece, logLoss, rps } from '#subgraphs/ai/services/forecast/scores.ts'
import { codeOf } from './forecast-kit.ts'

const even = { home: 1 / 3, draw: 1 / 3, away: 1 / 3 }
const sure = { home: 0.7, draw: 0.2, away: 0.1 }

test('the power method gives the worked values of penaltyblog', () => {
  const [home = 0, draw = 0, away = 0] = deVig([2.7, 2.3, 4.4])
  expect([home, draw, away].map((one) => one.toFixed(4))).toEqual(['0.3592', '0.4237', '0.2171'])
  expect(home + draw + away).toBeCloseTo(1, 12)
})

test('odds without a margin stay as they are, and a sure profit is scaled up', () => {
  expect(deVig([2, 4, 4])).toEqual([0.5, 0.25, 0.25])
  const [first = 0, second = 0] = deVig([2.2, 2.2])
  expect([first, second]).toEqual([0.5, 0.5])
})

test('what is no market of odds is refused', () => {
  for (const odds of [[], [2], [1, 3], [Number.NaN, 2], [Number.POSITIVE_INFINITY, 2]]) {
    expect(codeOf(() => deVig(odds))).toBe('MARKET_PROBABILITIES_INVALID')
  }
})

test('each score has its known value for a guess, a good and a bad forecast', () => {
  expect(logLoss({ probabilities: even, outcome: 'draw' })).toBeCloseTo(Math.log(3), 12)
  expect(logLoss({ probabilities: sure, outcome: 'home' })).toBeCloseTo(0.356675, 6)
  expect(rps({ probabilities: sure, outcome: 'home' })).toBeCloseTo(0.05, 12)
  expect(rps({ probabilities: sure, outcome: 'away' })).toBeCloseTo((0.49 + 0.81) / 2, 12)
  expect(brier({ probabilities: sure, outcome: 'home' })).toBeCloseTo(0.09 + 0.04 + 0.01, 12)
})

test('a ranked score forgives a draw more than a defeat, a log-loss does not', () => {
  const flat = { home: 0.6, draw: 0.2, away: 0.2 }
  expect(rps({ probabilities: flat, outcome: 'draw' })).toBeLessThan(
    rps({ probabilities: flat, outcome: 'away' }),
  )
  expect(logLoss({ probabilities: flat, outcome: 'draw' })).toBe(
    logLoss({ probabilities: flat, outcome: 'away' }),
  )
})

test('calibration is perfect when shares come as stated, and poor when they do not', () => {
  const half = { home: 0.5, draw: 0.25, away: 0.25 }
  const stated = (['home', 'home', 'draw', 'away'] as const).map((outcome) => ({
    probabilities: half,
    outcome,
  }))
  expect(ece(stated)).toBeCloseTo(0, 12)
  expect(ece([{ probabilities: half, outcome: 'home' }])).toBeCloseTo(1 / 3, 12)
  expect(ece([])).toBe(0)
})
