import type { MatchState } from '../../subgraphs/ai/services/forecast/match-state.ts'
import type {
  Estimate,
  MatchModel,
  ModelParameters,
  ModelWeights,
} from '../../subgraphs/ai/services/forecast/model-schema.ts'
import { byOutcome } from '../../subgraphs/ai/services/forecast/outcomes.ts'
import { chooseParameters } from './choose-parameters.ts'
import { chooseMarketWeight, evaluate } from './evaluate.ts'
import { fitLogit } from './logit.ts'
import type { MarketOf } from './odds-file.ts'
import type { Result } from './results-file.ts'
import { FIRST_LEARNED, JUDGED_ON, samplesOf, WEIGHED_ON } from './seasons.ts'
import { walk } from './walk.ts'

const MODEL_VERSION = '1.0.0'
const DATA_LICENCE = 'ODC-PDDL-1.0 (datasets/football-datasets)'

/** What a model is trained from. */
export type TrainingData = {
  readonly results: readonly Result[]
  /** SHA-256 of the file of results. */
  readonly hash: string
  readonly marketOf: MarketOf
}

/** Chooses parameters, judges them walk-forward, then lets the model learn from all results. */
export function trainModel(data: TrainingData, say: (line: string) => void): MatchModel {
  const chosen = chooseParameters(data.results, say)
  const { samples, state } = walk(data.results, chosen)
  const evidence = { samples, marketOf: data.marketOf }
  const marketWeight = chooseMarketWeight({ ...evidence, parameters: chosen }, WEIGHED_ON)
  const parameters: ModelParameters = { ...chosen, marketWeight }
  say(`market weight ${marketWeight}; judging ${JUDGED_ON.from} to ${JUDGED_ON.to}`)
  const evaluation = evaluate({ ...evidence, parameters })
  const known = samplesOf(samples, { from: FIRST_LEARNED, to: Number.POSITIVE_INFINITY })
  return {
    format: 1,
    name: 'match-outcome',
    version: MODEL_VERSION,
    trainedThrough: dayOf(state.knownThrough ?? new Date(0)),
    dataHash: data.hash,
    dataLicence: DATA_LICENCE,
    results: data.results.length,
    parameters,
    weights: roundedWeights(fitLogit(known, parameters.logitRidge)),
    ...ratingsOf(state),
    evaluation,
  }
}

/** The ratings of a state as rows of the model file, rounded to 1e-6. */
export function ratingsOf(state: MatchState): Pick<MatchModel, 'leagues' | 'teams'> {
  const leagues = inOrder([...state.leagues.values()], ({ code }) => code)
  const teams = inOrder([...state.teams.values()], ({ name }) => name)
  return {
    leagues: leagues.map(({ code, goals, home, lastPlayedAt }) => ({
      code,
      goals: roundedEstimate(goals),
      home: roundedEstimate(home),
      lastPlayedOn: dayOf(lastPlayedAt),
    })),
    teams: teams.map(({ name, league, matches, lastPlayedAt, ...team }) => ({
      name,
      league,
      matches,
      lastPlayedOn: dayOf(lastPlayedAt),
      elo: rounded(team.elo),
      piHome: rounded(team.piHome),
      piAway: rounded(team.piAway),
      attack: roundedEstimate(team.attack),
      defence: roundedEstimate(team.defence),
    })),
  }
}

/** By code unit, so that no locale changes the file. */
function inOrder<Row>(rows: readonly Row[], nameOf: (row: Row) => string): Row[] {
  return [...rows].sort((left, right) => (nameOf(left) < nameOf(right) ? -1 : 1))
}

const dayOf = (instant: Date) => instant.toISOString().slice(0, 10)
const rounded = (number: number) => Math.round(number * 1e6) / 1e6
const roundedEstimate = ({ value, evidence }: Estimate): Estimate => ({
  value: rounded(value),
  evidence: rounded(evidence),
})
const roundedWeights = (weights: ModelWeights): ModelWeights =>
  weights.map((row) => ({ ...row, ...byOutcome((outcome) => rounded(row[outcome])) }))
