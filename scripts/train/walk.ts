import { isDomainError } from '#kernel/errors.ts'
import {
  applyResult,
  createMatchState,
  featuresOf,
  type MatchFeatures,
  type MatchState,
} from '../../subgraphs/ai/services/forecast/match-state.ts'
import type { ModelParameters } from '../../subgraphs/ai/services/forecast/model-schema.ts'
import { type Outcome, outcomeOf } from '../../subgraphs/ai/services/forecast/outcomes.ts'
import type { Result } from './results-file.ts'

/** A match as the ratings saw it before it was played, and how it ended. */
export type Sample = {
  readonly result: Result
  /** Null when a team had too little history. */
  readonly features: MatchFeatures | null
  readonly outcome: Outcome
}

/** Goes through all results in order of time, with the very steps that production takes. */
export function walk(
  results: readonly Result[],
  parameters: ModelParameters,
): { samples: Sample[]; state: MatchState } {
  const state = createMatchState({ parameters, leagues: [], teams: [] })
  const samples = results.map((result) => {
    const features = featuresOrNull(state, result)
    applyResult(state, result)
    return { result, features, outcome: outcomeOf(result) }
  })
  return { samples, state }
}

function featuresOrNull(state: MatchState, { home, away, playedAt }: Result) {
  try {
    return featuresOf(state, { home, away, at: playedAt })
  } catch (failure) {
    if (isDomainError(failure)) return null
    throw failure
  }
}
