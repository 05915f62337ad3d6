import { explain } from '../../subgraphs/ai/services/forecast/forecast.ts'
import { createMatchState, featuresOf } from '../../subgraphs/ai/services/forecast/match-state.ts'
import type { MatchModel, ModelScore } from '../../subgraphs/ai/services/forecast/model-schema.ts'
import {
  type ByOutcome,
  byOutcome,
  OUTCOMES,
} from '../../subgraphs/ai/services/forecast/outcomes.ts'

const ROWS: readonly (readonly [keyof MatchModel['evaluation']['scores'], string])[] = [
  ['baseRate', 'base rate per league'],
  ['results', 'ours (results only)'],
  ['blend', 'ours with opening odds'],
  ['openingOdds', 'opening odds'],
  ['closingOdds', 'closing odds (the limit)'],
]

const EXAMPLE = { home: 'Arsenal', away: 'Liverpool' } as const
const DAY_MILLISECONDS = 86_400_000

/** What was measured of a model, and one forecast of it with what each feature added, as text. */
export function printCard(model: MatchModel): string {
  return [...headLines(model), '', ...scoreLines(model), '', ...exampleLines(model), ''].join('\n')
}

function headLines({
  name,
  version,
  trainedThrough,
  results,
  dataHash,
  parameters,
  ...model
}: MatchModel) {
  return [
    `${name} ${version}: three-way forecast of league football from results`,
    `data      ${results} results through ${trainedThrough}, ${model.dataLicence}`,
    `          SHA-256 ${dataHash}`,
    `knows     ${model.teams.length} teams of ${model.leagues.map(({ code }) => code).join(' ')}; ${parameters.minimumMatches} results make a history`,
    `chosen    on seasons up to 2021-22: Elo step ${parameters.elo.step}, half-life ${parameters.dixonColes.halfLifeDays} d, ridge ${parameters.dixonColes.ridge}, rho ${parameters.dixonColes.rho}, market weight ${parameters.marketWeight}`,
  ]
}

function scoreLines({ evaluation }: MatchModel): string[] {
  const { difference, seasons, leagues, matches, withoutHistory, withoutOdds } = evaluation
  return [
    `judged walk-forward on ${seasons.join(', ')} of ${leagues.join(' ')}: ${matches} matches, left out ${withoutHistory} without history, ${withoutOdds} without odds`,
    `${''.padEnd(26)} log-loss      RPS    Brier      ECE        n`,
    ...ROWS.map(([key, label]) => scoreLine(label, evaluation.scores[key])),
    `ours - base rate, paired: ${difference.mean.toFixed(4)} +- ${difference.standardError.toFixed(4)} (standard error, n ${difference.n})`,
    `way from base rate to closing odds: ${(evaluation.gapClosed * 100).toFixed(1)} %; beats its baseline: ${evaluation.beatsBaseline ? 'yes' : 'no'}`,
  ]
}

const scoreLine = (label: string, { logLoss, rps, brier, ece, n }: ModelScore) =>
  [label.padEnd(26), ...[logLoss, rps, brier, ece].map(columnOf), String(n).padStart(8)].join(' ')

const columnOf = (number: number) => number.toFixed(4).padStart(8)

function exampleLines(model: MatchModel): string[] {
  const at = new Date(Date.parse(model.trainedThrough) + DAY_MILLISECONDS)
  const features = featuresOf(createMatchState(model), { ...EXAMPLE, at })
  const { contributions, logits, probabilities } = explain(model, features, null)
  const sums = byOutcome((outcome) =>
    contributions.reduce((sum, contribution) => sum + contribution[outcome], 0),
  )
  const line = (label: string, numbers: ByOutcome) =>
    `${label.padEnd(20)} ${OUTCOMES.map((outcome) => numbers[outcome].toFixed(6).padStart(10)).join(' ')}`
  return [
    `${EXAMPLE.home} against ${EXAMPLE.away} on ${at.toISOString().slice(0, 10)}`,
    `${'feature'.padEnd(20)} ${OUTCOMES.map((outcome) => outcome.padStart(10)).join(' ')}`,
    ...contributions.map((one) => line(`${one.feature} ${one.value.toFixed(3)}`, one)),
    line('sum', sums),
    line('logit', logits),
    line('probability', probabilities),
  ]
}
