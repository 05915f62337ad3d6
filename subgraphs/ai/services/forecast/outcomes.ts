/** The three results of a match, in the order that ranked scores need. */
export const OUTCOMES = ['home', 'draw', 'away'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** One number for each result: probabilities, logits or weights. */
export type ByOutcome = { readonly home: number; readonly draw: number; readonly away: number }

/** The same calculation for each of the three results. */
export function byOutcome(numberOf: (outcome: Outcome) => number): ByOutcome {
  return { home: numberOf('home'), draw: numberOf('draw'), away: numberOf('away') }
}

/** Probabilities of logits; the largest is taken off first, so that no exponential overflows. */
export function softmax(logits: ByOutcome): ByOutcome {
  const largest = Math.max(logits.home, logits.draw, logits.away)
  const powers = byOutcome((outcome) => Math.exp(logits[outcome] - largest))
  const total = powers.home + powers.draw + powers.away
  return byOutcome((outcome) => powers[outcome] / total)
}

/** The result that goals make. */
export function outcomeOf(goals: {
  readonly homeGoals: number
  readonly awayGoals: number
}): Outcome {
  if (goals.homeGoals === goals.awayGoals) return 'draw'
  return goals.homeGoals > goals.awayGoals ? 'home' : 'away'
}
