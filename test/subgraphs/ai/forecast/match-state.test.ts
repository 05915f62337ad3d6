import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  applyResult,
  createMatchState,
  featuresOf,
  type MatchState,
} from '#subgraphs/ai/services/forecast/match-state.ts'
import { codeOf, dayAfter, model } from './forecast-kit.ts'

const DAY = 86_400_000
const daysAfter = (days: number) => new Date(dayAfter.getTime() + days * DAY)
const derby = { home: 'Arsenal', away: 'Chelsea', at: daysAfter(400) }
const played = (home: string, away: string, days: number) => ({
  home,
  away,
  homeGoals: 3,
  awayGoals: 0,
  playedAt: daysAfter(days),
})
const snapshot = ({ leagues, teams }: MatchState) => structuredClone({ leagues, teams })

test('a win raises all ratings of the winner and lowers those of the loser', () => {
  const state = createMatchState(model)
  const before = featuresOf(state, derby)
  expect(applyResult(state, played('Arsenal', 'Chelsea', 1))).toBe(true)
  const after = featuresOf(state, derby)
  for (const feature of ['elo', 'pi', 'goals'] as const) {
    expect(after.values[feature]).toBeGreaterThan(before.values[feature])
  }
  expect(after.expectedGoals.home).toBeGreaterThan(before.expectedGoals.home)
  expect(createMatchState(model).teams.get('Arsenal')).not.toEqual(state.teams.get('Arsenal'))
})

test('the points that Elo gives one team it takes from the other', () => {
  const sum = (state: MatchState) =>
    [...state.teams.values()].reduce((all, one) => all + one.elo, 0)
  const results = fc.array(fc.tuple(fc.nat(8), fc.nat(8)), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(results, (scores) => {
      const state = createMatchState(model)
      const before = sum(state)
      scores.forEach(([homeGoals, awayGoals], at) => {
        applyResult(state, { ...played('Arsenal', 'Everton', at), homeGoals, awayGoals })
      })
      expect(sum(state)).toBeCloseTo(before, 6)
    }),
    { numRuns: 30 },
  )
})

test('a result that comes twice, or after a later one of its teams, counts once', () => {
  const state = createMatchState(model)
  applyResult(state, played('Arsenal', 'Chelsea', 5))
  const before = snapshot(state)
  const sameEvening = new Date(daysAfter(5).getTime() + DAY / 2)
  expect(applyResult(state, { ...played('Arsenal', 'Chelsea', 5), playedAt: sameEvening })).toBe(
    false,
  )
  expect(applyResult(state, played('Arsenal', 'Everton', 3))).toBe(false)
  expect(snapshot(state)).toEqual(before)
  expect(applyResult(state, played('Everton', 'Fulham', 3))).toBe(true)
})

test('teams of different leagues are neither rated by a match nor forecast', () => {
  const state = createMatchState(model)
  const before = snapshot(state)
  expect(applyResult(state, played('Arsenal', 'Barcelona', 1))).toBe(false)
  expect(applyResult(state, played('Arsenal', 'Arsenal', 1))).toBe(false)
  expect(applyResult(state, { ...played('Arsenal', 'Celtic', 1), competition: 'EC' })).toBe(false)
  expect(snapshot(state)).toEqual(before)
  const asked = { home: 'Arsenal', away: 'Barcelona', at: derby.at }
  expect(codeOf(() => featuresOf(state, asked))).toBe('FIXTURE_WITHOUT_HISTORY')
})

test('an unknown team answers TEAM_UNKNOWN, a newcomer FIXTURE_WITHOUT_HISTORY until its tenth match', () => {
  const state = createMatchState(model)
  const asked = { home: 'Wrexham', away: 'Arsenal', at: derby.at }
  expect(codeOf(() => featuresOf(state, asked))).toBe('TEAM_UNKNOWN')
  for (let match = 1; match < 10; match++) applyResult(state, played('Chelsea', 'Wrexham', match))
  expect(codeOf(() => featuresOf(state, asked))).toBe('FIXTURE_WITHOUT_HISTORY')
  applyResult(state, played('Chelsea', 'Wrexham', 10))
  expect(featuresOf(state, asked).values.elo).toBeLessThan(0)
  expect(state.teams.get('Wrexham')).toMatchObject({ league: 'E0', matches: 10 })
})

test('a league never seen is learned from its results', () => {
  const state = createMatchState(model)
  for (let match = 1; match <= 10; match++) {
    const result = { ...played('Ajax', 'PSV Eindhoven', match), competition: 'N1' }
    expect(applyResult(state, result)).toBe(true)
  }
  const features = featuresOf(state, { home: 'Ajax', away: 'PSV Eindhoven', at: derby.at })
  expect(features.expectedGoals.home).toBeGreaterThan(features.expectedGoals.away)
})

test('a forecast of a match before known results says that it is hindsight', () => {
  const state = createMatchState(model)
  expect(featuresOf(state, derby).isHindsight).toBe(false)
  expect(featuresOf(state, { ...derby, at: new Date('2024-01-01') }).isHindsight).toBe(true)
})

test('what is not heard of for long is believed less', () => {
  const state = createMatchState(model)
  const strong = { home: 'Man City', away: 'Burnley' }
  const soon = featuresOf(state, { ...strong, at: daysAfter(1) }).expectedGoals
  const late = featuresOf(state, { ...strong, at: daysAfter(2000) }).expectedGoals
  expect(late.home).toBeLessThan(soon.home)
})
