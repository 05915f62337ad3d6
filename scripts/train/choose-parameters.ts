import { explain } from '../../subgraphs/ai/services/forecast/forecast.ts'
import type { ModelParameters } from '../../subgraphs/ai/services/forecast/model-schema.ts'
import { dixonColesMatrix } from '../../subgraphs/ai/services/forecast/score-matrix.ts'
import { logLoss } from '../../subgraphs/ai/services/forecast/scores.ts'
import { fitLogit } from './logit.ts'
import type { Result } from './results-file.ts'
import { CHOSEN_ON, FIRST_LEARNED, samplesOf } from './seasons.ts'
import { walk } from './walk.ts'

/** Where the search starts; pi-ratings keep their published constants. */
export const FIRST_PARAMETERS: ModelParameters = {
  elo: { start: 1500, step: 20, home: 65 },
  pi: { lambda: 0.035, gamma: 0.7 },
  dixonColes: { halfLifeDays: 400, ridge: 5, leagueHalfLifeDays: 1000, leagueRidge: 100, rho: 0 },
  minimumMatches: 10,
  marketWeight: 1,
  logitRidge: 1,
}

type Candidate = (parameters: ModelParameters) => ModelParameters

const inDixonColes =
  (change: Partial<ModelParameters['dixonColes']>): Candidate =>
  (parameters) => ({ ...parameters, dixonColes: { ...parameters.dixonColes, ...change } })

const inElo =
  (change: Partial<ModelParameters['elo']>): Candidate =>
  (parameters) => ({ ...parameters, elo: { ...parameters.elo, ...change } })

/** One parameter after another; each keeps the value that judged best, the one it has included. */
const SEARCH: readonly (readonly Candidate[])[] = [
  [10, 20, 30, 40].map((ridge) => inDixonColes({ ridge })),
  [350, 500].map((leagueHalfLifeDays) => inDixonColes({ leagueHalfLifeDays })),
  [300, 500].map((halfLifeDays) => inDixonColes({ halfLifeDays })),
  [28, 36, 44, 52].map((step) => inElo({ step })),
  [10, 100].map((logitRidge) => (parameters) => ({ ...parameters, logitRidge })),
]

const RHOS = [-0.12, -0.1, -0.08, -0.06, -0.04, -0.02, 0, 0.02]

/**
 * Parameters chosen on seasons up to 2021-22 alone: the correction of low scores by the likelihood of the scores, all
 * others by the log-loss of the result. No chance takes part.
 */
export function chooseParameters(
  results: readonly Result[],
  say: (line: string) => void,
): ModelParameters {
  let best = chooseRho(results, FIRST_PARAMETERS)
  let least = lossOf(results, best)
  say(`start: log-loss ${least.toFixed(5)} with rho ${best.dixonColes.rho}`)
  for (const candidates of SEARCH) {
    for (const parameters of candidates.map((change) => change(best))) {
      const loss = lossOf(results, parameters)
      say(`${loss.toFixed(5)} ${JSON.stringify(parameters.dixonColes)} Elo ${parameters.elo.step}`)
      if (loss < least) [best, least] = [parameters, loss]
    }
  }
  return best
}

function lossOf(results: readonly Result[], parameters: ModelParameters): number {
  const { samples } = walk(results, parameters)
  const known = samplesOf(samples, { from: FIRST_LEARNED, to: CHOSEN_ON.from - 1 })
  const model = { parameters, weights: fitLogit(known, parameters.logitRidge) }
  const judged = samplesOf(samples, CHOSEN_ON)
  const losses = judged.map(({ features, outcome }) =>
    logLoss({ probabilities: explain(model, features, null).probabilities, outcome }),
  )
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length
}

function chooseRho(results: readonly Result[], parameters: ModelParameters): ModelParameters {
  const samples = samplesOf(walk(results, parameters).samples, CHOSEN_ON)
  const likelihoodOf = (rho: number) =>
    samples.reduce((sum, { features, result }) => {
      const row = dixonColesMatrix(features.expectedGoals, rho)[result.homeGoals]
      return sum + Math.log(row?.[result.awayGoals] ?? Number.EPSILON)
    }, 0)
  const ranked = RHOS.map((rho) => ({ rho, likelihood: likelihoodOf(rho) }))
  const [best] = ranked.sort((left, right) => right.likelihood - left.likelihood)
  return inDixonColes({ rho: best?.rho ?? 0 })(parameters)
}
