import { explain } from '../../subgraphs/ai/services/forecast/forecast.ts'
import type {
  ModelEvaluation,
  ModelParameters,
  ModelScore,
  ModelWeights,
} from '../../subgraphs/ai/services/forecast/model-schema.ts'
import {
  type ByOutcome,
  byOutcome,
  type Outcome,
} from '../../subgraphs/ai/services/forecast/outcomes.ts'
import {
  brier,
  ece,
  type JudgedForecast,
  logLoss,
  rps,
} from '../../subgraphs/ai/services/forecast/scores.ts'
import { fitLogit } from './logit.ts'
import type { MarketOf, MarketViews } from './odds-file.ts'
import { FIRST_LEARNED, JUDGED_ON, type KnownSample, samplesOf, startYear } from './seasons.ts'
import type { Sample } from './walk.ts'

const CONFIDENCE = 1.96
/**
 * The evidence gives the market everything. The model keeps a tenth, at a cost of 0.0003 in log-loss, because a tenant's
 * few or stale quotes are worth less than the averages of many bookmakers that were measured.
 */
const WEIGHTS_TRIED = Array.from({ length: 19 }, (_, at) => at / 20)

/** A sample with the weights that were known before its season, and the market's view. */
type Priced = KnownSample & { readonly weights: ModelWeights; readonly market: MarketViews }

type Evidence = {
  readonly samples: readonly Sample[]
  readonly parameters: ModelParameters
  readonly marketOf: MarketOf
}

/** Samples of these seasons that have a market's view, each with a logit fitted to all seasons before its own. */
function pricedSamples(
  { samples, parameters, marketOf }: Evidence,
  years: { readonly from: number; readonly to: number },
): Priced[] {
  const priced: Priced[] = []
  for (let year = years.from; year <= years.to; year++) {
    const known = samplesOf(samples, { from: FIRST_LEARNED, to: year - 1 })
    const weights = fitLogit(known, parameters.logitRidge)
    for (const sample of samplesOf(samples, { from: year, to: year })) {
      const market = marketOf(sample.result)
      if (market) priced.push({ ...sample, weights, market })
    }
  }
  return priced
}

/** The market's share of the logit that forecast these seasons best, beside opening odds. */
export function chooseMarketWeight(
  evidence: Evidence,
  years: { readonly from: number; readonly to: number },
): number {
  const priced = pricedSamples(evidence, years)
  const ranked = WEIGHTS_TRIED.map((marketWeight) => {
    const parameters = { ...evidence.parameters, marketWeight }
    const judged = priced.map((sample) => judge(sample, blendOf(sample, parameters)))
    return { marketWeight, loss: meanOf(judged.map(logLoss)) }
  })
  const [best] = ranked.sort((left, right) => left.loss - right.loss)
  return best?.marketWeight ?? 1
}

const judge = ({ outcome }: Sample, probabilities: ByOutcome): JudgedForecast => ({
  outcome,
  probabilities,
})

const oursOf = ({ weights, features }: Priced, parameters: ModelParameters) =>
  explain({ weights, parameters }, features, null).probabilities

const blendOf = ({ weights, features, market }: Priced, parameters: ModelParameters) =>
  explain({ weights, parameters }, features, market.opening).probabilities

/** Judges the model walk-forward, season by season, beside base rate and odds on the same matches. */
export function evaluate(evidence: Evidence): ModelEvaluation {
  const { samples, parameters } = evidence
  const all = samples.filter(({ result }) => isJudged(result.season))
  const withHistory = all.filter(({ features }) => features !== null)
  const priced = pricedSamples(evidence, JUDGED_ON)
  const judgedBy = (view: (sample: Priced) => ByOutcome) =>
    priced.map((sample) => judge(sample, view(sample)))
  const rates = baseRates(samples)
  const results = judgedBy((sample) => oursOf(sample, parameters))
  const baseRate = judgedBy(({ result }) => rates(result.competition, startYear(result.season)))
  const scores = {
    results: scoreOf(results),
    blend: scoreOf(judgedBy((sample) => blendOf(sample, parameters))),
    baseRate: scoreOf(baseRate),
    openingOdds: scoreOf(judgedBy(({ market }) => market.opening)),
    closingOdds: scoreOf(judgedBy(({ market }) => market.closing)),
  }
  const difference = pairedDifference(results.map(logLoss), baseRate.map(logLoss))
  const [base, limit] = [scores.baseRate.logLoss, scores.closingOdds.logLoss]
  return {
    seasons: distinct(priced.map(({ result }) => result.season)),
    leagues: distinct(priced.map(({ result }) => result.competition)),
    matches: all.length,
    withoutHistory: all.length - withHistory.length,
    withoutOdds: withHistory.length - priced.length,
    scores,
    difference,
    gapClosed: rounded((base - scores.results.logLoss) / (base - limit)),
    beatsBaseline: difference.mean + CONFIDENCE * difference.standardError < 0,
    slices: slicesOf(priced, results),
  }
}

function isJudged(season: string): boolean {
  const year = startYear(season)
  return year >= JUDGED_ON.from && year <= JUDGED_ON.to
}

/** How often each result came in a league in all seasons before a year. */
function baseRates(samples: readonly Sample[]) {
  const rates = new Map<string, ByOutcome>()
  return (league: string, year: number): ByOutcome => {
    const key = `${league}/${year}`
    const known = rates.get(key) ?? rateOf(outcomesBefore(samples, league, year))
    rates.set(key, known)
    return known
  }
}

const outcomesBefore = (samples: readonly Sample[], league: string, year: number) =>
  samples
    .filter(({ result }) => result.competition === league && startYear(result.season) < year)
    .map(({ outcome }) => outcome)

const rateOf = (outcomes: readonly Outcome[]) =>
  byOutcome((one) => outcomes.filter((outcome) => outcome === one).length / outcomes.length)

function scoreOf(judged: readonly JudgedForecast[]): ModelScore {
  return {
    logLoss: rounded(meanOf(judged.map(logLoss))),
    rps: rounded(meanOf(judged.map(rps))),
    brier: rounded(meanOf(judged.map(brier))),
    ece: rounded(ece(judged)),
    n: judged.length,
  }
}

/** Mean of the differences match by match, and its standard error. */
function pairedDifference(ours: readonly number[], theirs: readonly number[]) {
  const differences = ours.map((loss, at) => loss - (theirs[at] ?? 0))
  const mean = meanOf(differences)
  const variance = meanOf(differences.map((one) => (one - mean) ** 2))
  const n = differences.length
  return { mean: rounded(mean), standardError: rounded(Math.sqrt(variance / (n - 1))), n }
}

function slicesOf(priced: readonly Priced[], judged: readonly JudgedForecast[]) {
  const losses = priced.map(({ result }, at) => {
    const one = judged[at]
    return { league: result.competition, season: result.season, loss: one ? logLoss(one) : 0 }
  })
  const slices = Map.groupBy(losses, ({ league, season }) => `${season}/${league}`)
  return [...slices.values()].flatMap((rows) => {
    const [first] = rows
    if (!first) return []
    const { league, season } = first
    return [{ league, season, n: rows.length, logLoss: rounded(meanOf(rows.map((r) => r.loss))) }]
  })
}

const distinct = (names: readonly string[]) => [...new Set(names)].sort()
const meanOf = (numbers: readonly number[]) =>
  numbers.reduce((sum, one) => sum + one, 0) / numbers.length
const rounded = (number: number) => Math.round(number * 1e6) / 1e6
