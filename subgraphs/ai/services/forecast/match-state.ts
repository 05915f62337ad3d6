import { aiError } from '../../errors.ts'
import type { Feature, MatchModel, ModelParameters } from './model-schema.ts'
import {
  eloDifference,
  expectedGoalsAt,
  LEAGUE_PRIOR,
  type LeagueRatings,
  type Pairing,
  piDifference,
  type TeamRatings,
  updateElo,
  updatePi,
  updateStrengths,
} from './ratings.ts'
import { dixonColesMatrix, type Goals, outcomeProbabilities } from './score-matrix.ts'

const DAY_MILLISECONDS = 86_400_000

/** The part of a model that results change. */
export type MatchState = {
  readonly parameters: ModelParameters
  readonly leagues: Map<string, LeagueRatings>
  readonly teams: Map<string, TeamRatings>
  /** When the newest result was played that the ratings know, or null when they know none. */
  knownThrough: Date | null
}

/** A match that was played. `competition` is a league's code (E0, SP1, I1, D1, F1 in the committed model). */
export type PlayedMatch = {
  readonly competition?: string | null | undefined
  readonly home: string
  readonly away: string
  readonly homeGoals: number
  readonly awayGoals: number
  readonly playedAt: Date
}

/** What the model looks at before a match. */
export type MatchFeatures = {
  readonly values: Readonly<Record<Feature, number>>
  /** Mean goals by the strengths alone, before the logit has spoken. */
  readonly expectedGoals: Goals
  /** The ratings know a result that was played after the instant asked about: fit for no scorecard. */
  readonly isHindsight: boolean
}

/** Ratings as the model file has them; results go on from there. The model itself stays as it is. */
export function createMatchState(
  model: Pick<MatchModel, 'parameters' | 'leagues' | 'teams'>,
): MatchState {
  const lastDays = model.leagues.map(({ lastPlayedOn }) => lastPlayedOn).sort()
  const newest = lastDays.at(-1)
  return {
    parameters: model.parameters,
    leagues: new Map(model.leagues.map((row) => [row.code, { ...row, ...playedOn(row) }])),
    teams: new Map(model.teams.map((row) => [row.name, { ...row, ...playedOn(row) }])),
    knownThrough: newest === undefined ? null : new Date(newest),
  }
}

const playedOn = ({ lastPlayedOn }: { lastPlayedOn: string }) => ({
  lastPlayedAt: new Date(lastPlayedOn),
})

/**
 * Moves the ratings by one result; call it in order of time. A team never seen before starts as a newcomer of its
 * league. False, and nothing moves, for a match of teams of different leagues, whose ratings no match has compared,
 * and for one on or before the UTC day of a match that either team's ratings know already: no team plays twice a day,
 * so that a result that comes again counts once.
 */
export function applyResult(state: MatchState, match: PlayedMatch): boolean {
  const pairing = pairUp(state, match)
  if (pairing === null) return false
  const goals = { home: match.homeGoals, away: match.awayGoals }
  updateStrengths(pairing, { goals, at: match.playedAt }, state.parameters)
  updateElo(pairing, goals, state.parameters)
  updatePi(pairing, goals, state.parameters)
  for (const team of [pairing.home, pairing.away]) {
    team.matches += 1
    team.lastPlayedAt = match.playedAt
    state.teams.set(team.name, team)
  }
  pairing.league.lastPlayedAt = later(pairing.league.lastPlayedAt, match.playedAt)
  state.leagues.set(pairing.league.code, pairing.league)
  state.knownThrough = later(state.knownThrough, match.playedAt)
  return true
}

/**
 * What the model looks at before a match that starts `at` an instant.
 * @throws TEAM_UNKNOWN for a team without any result; FIXTURE_WITHOUT_HISTORY for one with fewer results than the
 *   model's `minimumMatches`, and for teams of different leagues
 */
export function featuresOf(
  state: MatchState,
  fixture: { readonly home: string; readonly away: string; readonly at: Date },
): MatchFeatures {
  const pairing = knownPairing(state, fixture)
  const expectedGoals = expectedGoalsAt(pairing, fixture.at, state.parameters)
  const { rho } = state.parameters.dixonColes
  const chances = outcomeProbabilities(dixonColesMatrix(expectedGoals, rho))
  const [home, draw, away] = [chances.home, chances.draw, chances.away].map(Math.log) as Triple
  return {
    values: {
      level: 1,
      elo: eloDifference(pairing, state.parameters),
      pi: piDifference(pairing),
      goals: home - away,
      draw: draw - (home + away) / 2,
    },
    expectedGoals,
    isHindsight: state.knownThrough !== null && state.knownThrough > fixture.at,
  }
}

/** `map` of three gives three, which its type does not say. */
type Triple = [number, number, number]

function knownPairing(
  state: MatchState,
  fixture: { readonly home: string; readonly away: string },
): Pairing {
  const [home, away] = [knownTeam(state, fixture.home), knownTeam(state, fixture.away)]
  const league = state.leagues.get(home.league)
  if (home.league !== away.league || !league || home.name === away.name) {
    throw aiError('FIXTURE_WITHOUT_HISTORY', { home: home.name, away: away.name })
  }
  return { league, home, away }
}

function knownTeam({ teams, parameters }: MatchState, name: string): TeamRatings {
  const team = teams.get(name)
  if (!team) throw aiError('TEAM_UNKNOWN', { team: name })
  const { minimumMatches } = parameters
  if (team.matches >= minimumMatches) return team
  const { matches } = team
  throw aiError('FIXTURE_WITHOUT_HISTORY', { team: name, matches, minimumMatches })
}

function pairUp(state: MatchState, match: PlayedMatch): Pairing | null {
  const [home, away] = [state.teams.get(match.home), state.teams.get(match.away)]
  const code = home?.league ?? away?.league ?? match.competition ?? ''
  const isNewcomers = !home || !away
  if (match.home === match.away || (isNewcomers && (match.competition ?? code) !== code))
    return null
  if (home && away && home.league !== away.league) return null
  const isOld = (team: TeamRatings | undefined) =>
    team && dayOf(team.lastPlayedAt) >= dayOf(match.playedAt)
  if (isOld(home) || isOld(away)) return null
  const start = { league: code, at: match.playedAt, parameters: state.parameters }
  return {
    league: state.leagues.get(code) ?? newLeague(code, match.playedAt),
    home: home ?? newTeam(match.home, start),
    away: away ?? newTeam(match.away, start),
  }
}

const dayOf = (instant: Date) => Math.floor(instant.getTime() / DAY_MILLISECONDS)

const nothing = (value: number) => ({ value, evidence: 0 })

const newLeague = (code: string, at: Date): LeagueRatings => ({
  code,
  goals: nothing(LEAGUE_PRIOR.goals),
  home: nothing(LEAGUE_PRIOR.home),
  lastPlayedAt: at,
})

const newTeam = (
  name: string,
  { league, at, parameters }: { league: string; at: Date; parameters: ModelParameters },
): TeamRatings => ({
  name,
  league,
  matches: 0,
  lastPlayedAt: at,
  elo: parameters.elo.start,
  piHome: 0,
  piAway: 0,
  attack: nothing(0),
  defence: nothing(0),
})

const later = (one: Date | null, other: Date) => (one !== null && one > other ? one : other)
