import type { Estimate, MatchModel, ModelParameters } from './model-schema.ts'
import type { Goals } from './score-matrix.ts'

const DAY_MILLISECONDS = 86_400_000
const ELO_SCALE = 400
const PI_BASE = 10
const PI_DIVISOR = 3

/** What the model knows of a team; a row of the model file with its day as an instant. */
export type TeamRatings = Omit<MatchModel['teams'][number], 'lastPlayedOn'> & { lastPlayedAt: Date }

/** What the model knows of a league. */
export type LeagueRatings = Omit<MatchModel['leagues'][number], 'lastPlayedOn'> & {
  lastPlayedAt: Date
}

/** Two teams of one league, and the league. */
export type Pairing = {
  readonly league: LeagueRatings
  readonly home: TeamRatings
  readonly away: TeamRatings
}

/**
 * Elo's difference of a pairing with the home advantage, in units of 400 points: 1 is ten times the chance.
 * Hvattum and Arntzen (2010), "Using ELO ratings for match result prediction in association football",
 * International Journal of Forecasting 26(3), 460-470.
 */
export function eloDifference({ home, away }: Pairing, { elo }: ModelParameters): number {
  return (home.elo + elo.home - away.elo) / ELO_SCALE
}

/** A win by two goals counts half as much again, by n of three and more (11 + n) / 8, as World Football Elo has it. */
function marginFactor(goals: number): number {
  if (goals <= 1) return 1
  return goals === 2 ? 1.5 : (11 + goals) / 8
}

/** Moves Elo points from one team to the other by a result. */
export function updateElo(pairing: Pairing, goals: Goals, parameters: ModelParameters): void {
  const expected = 1 / (1 + 10 ** -eloDifference(pairing, parameters))
  const difference = goals.home - goals.away
  const actual = (Math.sign(difference) + 1) / 2
  const points = parameters.elo.step * marginFactor(Math.abs(difference)) * (actual - expected)
  pairing.home.elo += points
  pairing.away.elo -= points
}

/**
 * The goals by which the home team is expected to win, by pi-ratings. Constantinou and Fenton (2013), "Determining
 * the level of ability of football teams by dynamic ratings based on the relative discrepancies in scores between
 * adversaries", Journal of Quantitative Analysis in Sports 9(1), 37-50.
 */
export function piDifference({ home, away }: Pairing): number {
  return goalsOfRating(home.piHome) - goalsOfRating(away.piAway)
}

const goalsOfRating = (rating: number) =>
  Math.sign(rating) * (PI_BASE ** (Math.abs(rating) / PI_DIVISOR) - 1)

/** Moves both teams' pi-ratings by a result: the one of its ground by lambda, the other by gamma of that. */
export function updatePi(pairing: Pairing, goals: Goals, { pi }: ModelParameters): void {
  const surprise = goals.home - goals.away - piDifference(pairing)
  const size = PI_DIVISOR * Math.log10(1 + Math.abs(surprise))
  const step = Math.sign(surprise) * size * pi.lambda
  pairing.home.piHome += step
  pairing.home.piAway += step * pi.gamma
  pairing.away.piAway -= step
  pairing.away.piHome -= step * pi.gamma
}

/** How an estimate is pulled back while nothing is learned: to `prior`, with the weight of `ridge` observations. */
type Forgetting = { readonly halfLifeDays: number; readonly ridge: number; readonly prior: number }

/** The estimate after `days` in which its evidence faded. */
function faded({ value, evidence }: Estimate, days: number, forgetting: Forgetting): Estimate {
  const { halfLifeDays, ridge, prior } = forgetting
  const share = 0.5 ** (Math.max(days, 0) / halfLifeDays)
  const kept = (share * (evidence + ridge)) / (share * evidence + ridge)
  return { value: prior + (value - prior) * kept, evidence: share * evidence }
}

/** One step of Newton's method: `gradient` of the log-likelihood over all evidence, the new one included. */
function learned(
  estimate: Estimate,
  evidence: { gradient: number; weight: number },
  ridge: number,
) {
  const total = estimate.evidence + evidence.weight
  return { value: estimate.value + evidence.gradient / (total + ridge), evidence: total }
}

/** Logarithm of an average team's goals, and of the home advantage, where nothing else is known. */
export const LEAGUE_PRIOR = { goals: Math.log(1.35), home: 0.3 } as const

/** Strengths at an instant: those of the last match with their evidence faded since. */
function strengthsAt({ league, home, away }: Pairing, at: Date, parameters: ModelParameters) {
  const { halfLifeDays, ridge, leagueHalfLifeDays, leagueRidge } = parameters.dixonColes
  const daysSince = (last: Date) => (at.getTime() - last.getTime()) / DAY_MILLISECONDS
  const ofTeam = (team: TeamRatings, estimate: Estimate) =>
    faded(estimate, daysSince(team.lastPlayedAt), { halfLifeDays, ridge, prior: 0 })
  const ofLeague = (estimate: Estimate, prior: number) =>
    faded(estimate, daysSince(league.lastPlayedAt), {
      halfLifeDays: leagueHalfLifeDays,
      ridge: leagueRidge,
      prior,
    })
  return {
    goals: ofLeague(league.goals, LEAGUE_PRIOR.goals),
    homeGround: ofLeague(league.home, LEAGUE_PRIOR.home),
    home: { attack: ofTeam(home, home.attack), defence: ofTeam(home, home.defence) },
    away: { attack: ofTeam(away, away.attack), defence: ofTeam(away, away.defence) },
  }
}

type Strengths = ReturnType<typeof strengthsAt>

function meansOf({ goals, homeGround, home, away }: Strengths): Goals {
  const half = homeGround.value / 2
  return {
    home: Math.exp(goals.value + half + home.attack.value - away.defence.value),
    away: Math.exp(goals.value - half + away.attack.value - home.defence.value),
  }
}

/** Goals that each team is expected to score at an instant, before the correction of low scores. */
export function expectedGoalsAt(pairing: Pairing, at: Date, parameters: ModelParameters): Goals {
  return meansOf(strengthsAt(pairing, at, parameters))
}

/**
 * Moves attack, defence, goals and home advantage by a result. It is the weighted likelihood of Dixon and Coles (half
 * the weight after a half-life, a ridge as prior), maximised by one Newton step per result instead of a refit: the
 * curvature of each strength is kept as its evidence, and fades with time as the likelihood's weights do.
 */
export function updateStrengths(
  { league, home, away }: Pairing,
  result: { readonly goals: Goals; readonly at: Date },
  parameters: ModelParameters,
): void {
  const { ridge, leagueRidge } = parameters.dixonColes
  const before = strengthsAt({ league, home, away }, result.at, parameters)
  const mean = meansOf(before)
  const homeSurprise = result.goals.home - mean.home
  const awaySurprise = result.goals.away - mean.away
  const both = mean.home + mean.away
  const step = (estimate: Estimate, gradient: number, weight: number) =>
    learned(estimate, { gradient, weight }, ridge)
  home.attack = step(before.home.attack, homeSurprise, mean.home)
  home.defence = step(before.home.defence, -awaySurprise, mean.away)
  away.attack = step(before.away.attack, awaySurprise, mean.away)
  away.defence = step(before.away.defence, -homeSurprise, mean.home)
  const goals = { gradient: homeSurprise + awaySurprise, weight: both }
  const ground = { gradient: (homeSurprise - awaySurprise) / 2, weight: both / 4 }
  league.goals = learned(before.goals, goals, leagueRidge)
  league.home = learned(before.homeGround, ground, leagueRidge)
}
