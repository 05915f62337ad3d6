import { beforeAll, describe, expect, test } from 'vitest'
import {
  applyResult,
  createMatchState,
  featuresOf,
} from '#subgraphs/ai/services/forecast/match-state.ts'
import { printModelFile } from '#subgraphs/ai/services/forecast/model-file.ts'
import { printCard } from '../../../../scripts/train/card.ts'
import { evaluate } from '../../../../scripts/train/evaluate.ts'
import { pairNames } from '../../../../scripts/train/pair-names.ts'
import { solve } from '../../../../scripts/train/solve.ts'
import { ratingsOf, type TrainingData, trainModel } from '../../../../scripts/train/train-model.ts'
import { walk } from '../../../../scripts/train/walk.ts'
import { model, realData } from './forecast-kit.ts'

const silent = () => {}

describe('with the real results', () => {
  let data: TrainingData
  beforeAll(async () => {
    data = await realData()
  })

  test('the committed card is what a walk through all seasons measures again', () => {
    expect(data.hash).toBe(model.dataHash)
    const { samples, state } = walk(data.results, model.parameters)
    const again = evaluate({ samples, parameters: model.parameters, marketOf: data.marketOf })
    expect(again).toEqual(model.evaluation)
    expect(ratingsOf(state)).toEqual({ leagues: model.leagues, teams: model.teams })
    expect(again.beatsBaseline).toBe(true)
    expect(again.scores.results.logLoss).toBeGreaterThan(again.scores.closingOdds.logLoss)
  })

  test('a model of one league’s late seasons beats its base rate, and comes out the same twice', () => {
    const slice = data.results.filter(
      ({ competition, playedAt }) => competition === 'E0' && playedAt.getUTCFullYear() >= 2013,
    )
    const [first, second] = [1, 2].map(() => trainModel({ ...data, results: slice }, silent))
    expect(first?.evaluation.beatsBaseline).toBe(true)
    expect(first?.evaluation.scores.results.logLoss).toBeLessThan(
      first?.evaluation.scores.baseRate.logLoss ?? 0,
    )
    expect(first && printModelFile(first)).toEqual(second && printModelFile(second))
  })

  test('ratings written to a file go on where a single walk would have been', () => {
    const results = data.results.filter(({ competition }) => competition === 'D1')
    const half = Math.floor(results.length / 2)
    const { state: early } = walk(results.slice(0, half), model.parameters)
    const late = createMatchState({ parameters: model.parameters, ...ratingsOf(early) })
    for (const result of results.slice(half)) expect(applyResult(late, result)).toBe(true)
    const { state: whole } = walk(results, model.parameters)
    const asked = { home: 'Dortmund', away: 'Leverkusen', at: new Date('2024-08-20') }
    const [ours, theirs] = [featuresOf(late, asked).values, featuresOf(whole, asked).values]
    for (const feature of ['elo', 'pi', 'goals', 'draw'] as const) {
      expect(ours[feature]).toBeCloseTo(theirs[feature], 4)
    }
  })

  test('nearly all judged matches have odds, though the two sources spell teams differently', () => {
    const judged = data.results.filter(({ season }) => season === '2223' || season === '2324')
    expect(judged.filter((result) => data.marketOf(result)).length).toBeGreaterThan(
      judged.length - 5,
    )
  })
})

test('the card tells figures, limit and one forecast whose contributions add up', () => {
  const card = printCard(model)
  expect(card).toContain('closing odds (the limit)')
  expect(card).toContain('beats its baseline: yes')
  const numbers = (label: string) =>
    card
      .split('\n')
      .find((line) => line.startsWith(label))
      ?.slice(label.length)
  expect(numbers('sum')?.trim()).toBe(numbers('logit')?.trim())
})

test('teams are paired by their matches, and a name with too few stays unpaired', () => {
  const match = { competition: 'E0', season: '2324', home: 'Man United', away: 'Wolves' }
  const ours = Array.from({ length: 5 }, (_, at) => ({
    ...match,
    day: `2024-01-0${at + 1}`,
    homeGoals: at,
    awayGoals: 1,
  }))
  const theirs = ours.map((one) => ({ ...one, home: 'Manchester United' }))
  expect(pairNames(ours, theirs).get('E0/Manchester United')).toBe('Man United')
  expect(pairNames(ours, theirs.slice(1)).size).toBe(0)
})

test('equations are solved, and those without one solution are not', () => {
  const matrix = [Float64Array.of(0, 2), Float64Array.of(4, 1)]
  expect([...solve(matrix, Float64Array.of(6, 7))]).toEqual([1, 3])
  const singular = [Float64Array.of(1, 1), Float64Array.of(1, 1)]
  expect(() => solve(singular, Float64Array.of(1, 2))).toThrow('no single solution')
})
