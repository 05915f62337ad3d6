import type { MatchFeatures } from '../../subgraphs/ai/services/forecast/match-state.ts'
import type { Sample } from './walk.ts'

/** The year in which a season starts: 2022 of 2223, 1993 of 9394. */
export function startYear(season: string): number {
  const short = Number(season.slice(0, 2))
  return short >= 90 ? 1900 + short : 2000 + short
}

/** Five seasons from 1993-94 on let the ratings settle; the logit learns from the sixth on. */
export const FIRST_LEARNED = 1998
/** Parameters are chosen by these seasons, forecast from what was known before the first of them. */
export const CHOSEN_ON = { from: 2017, to: 2021 } as const
/** The market's weight is chosen on these, each forecast from what was known before it. */
export const WEIGHED_ON = { from: 2012, to: 2021 } as const
/** Judged on these, each forecast from what was known before it; nothing was chosen on them. */
export const JUDGED_ON = { from: 2022, to: 2023 } as const

/** A sample whose teams have enough history. */
export type KnownSample = Sample & { readonly features: MatchFeatures }

/** Samples with history whose seasons start within these years, both included. */
export function samplesOf(
  samples: readonly Sample[],
  { from, to }: { readonly from: number; readonly to: number },
): KnownSample[] {
  return samples.filter((sample): sample is KnownSample => {
    const year = startYear(sample.result.season)
    return sample.features !== null && year >= from && year <= to
  })
}
