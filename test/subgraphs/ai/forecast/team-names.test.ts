import { expect, test } from 'vitest'
import { TEAM_ALIASES, teamNameOf } from '#subgraphs/ai/services/forecast/team-names.ts'
import { model } from './forecast-kit.ts'

const TEAMS = new Set(model.teams.map(({ name }) => name))
const isKnown = (team: string) => TEAMS.has(team)
const named = (name: string) => teamNameOf(name, isKnown)

test('every alias leads to the one team of the model that it stands for', () => {
  expect(TEAM_ALIASES.length).toBeGreaterThan(100)
  const astray = TEAM_ALIASES.filter(({ alias, team }) => !isKnown(team) || named(alias) !== team)
  expect(astray).toEqual([])
})

test('no alias is the name of another team, and none stands twice', () => {
  expect(TEAM_ALIASES.filter(({ alias }) => isKnown(alias))).toEqual([])
  const spellings = TEAM_ALIASES.map(({ alias }) => alias.toLowerCase())
  expect(new Set(spellings).size).toBe(spellings.length)
})

test('every club of the last season of the five leagues has an alias beside its own name', () => {
  const withAlias = new Set(TEAM_ALIASES.map(({ team }) => team))
  const present = model.teams.filter(({ lastPlayedOn }) => lastPlayedOn >= '2024-05-01')
  expect(present.length).toBeGreaterThan(90)
  expect(present.map(({ name }) => name).filter((name) => !withAlias.has(name))).toEqual([])
})

test('spellings differ in letters, accents and signs', () => {
  expect(named('Manchester United')).toBe('Man United')
  expect(named('Wolverhampton Wanderers')).toBe('Wolves')
  expect(named('Brighton & Hove Albion')).toBe('Brighton')
  expect(named('Atletico Madrid')).toBe('Ath Madrid')
  expect(named('PARIS SAINT GERMAIN')).toBe('Paris SG')
  expect(named('1. FC Köln')).toBe('FC Koln')
  expect(named('Arsenal')).toBe('Arsenal')
})

test('refused: a name that is nobody’s stays as it is, and so does one that only begins alike', () => {
  expect(named('Manchester')).toBe('Manchester')
  expect(named('Manchester United Women')).toBe('Manchester United Women')
  expect(named('')).toBe('')
})
