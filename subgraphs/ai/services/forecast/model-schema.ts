import { z } from 'zod'

/** What the logit is built from; `level` is 1 always, so that its contribution is the intercept. */
export const FEATURES = ['level', 'elo', 'pi', 'goals', 'draw'] as const
export type Feature = (typeof FEATURES)[number]

const day = z.iso.date()
const finite = z.number()
const count = z.int().nonnegative()
const digest = z.string().regex(/^[0-9a-f]{64}$/)

const score = z.strictObject({ logLoss: finite, rps: finite, brier: finite, ece: finite, n: count })
const parameters = z.strictObject({
  elo: z.strictObject({ start: finite, step: finite, home: finite }),
  pi: z.strictObject({ lambda: finite, gamma: finite }),
  dixonColes: z.strictObject({
    halfLifeDays: finite.positive(),
    ridge: finite.positive(),
    leagueHalfLifeDays: finite.positive(),
    leagueRidge: finite.positive(),
    rho: finite.min(-0.2).max(0.2),
  }),
  /** Fewer matches than this, and a team has too little history for a forecast. */
  minimumMatches: count,
  /** Share of the market's logit in a blend, 0..1. */
  marketWeight: finite.min(0).max(1),
  /** Strength of the L2 penalty on the weights. */
  logitRidge: finite.nonnegative(),
})

/** An estimate that forgets: its value and how much evidence stands behind it. */
const estimate = z.strictObject({ value: finite, evidence: finite.nonnegative() })

const league = z.strictObject({
  code: z.string().min(1).max(64),
  /** Logarithm of the goals of an average team, and of the home team's advantage. */
  goals: estimate,
  home: estimate,
  lastPlayedOn: day,
})

const team = z.strictObject({
  name: z.string().min(1).max(120),
  league: z.string().min(1).max(64),
  matches: count,
  lastPlayedOn: day,
  elo: finite,
  piHome: finite,
  piAway: finite,
  attack: estimate,
  defence: estimate,
})

/** What was measured walk-forward on seasons that no parameter was chosen on; all on the same matches. */
const evaluation = z.strictObject({
  seasons: z.array(z.string()).min(1),
  leagues: z.array(z.string()).min(1),
  /** Matches of those seasons in the results; those judged have history, and odds at both times. */
  matches: count,
  withoutHistory: count,
  withoutOdds: count,
  scores: z.strictObject({
    results: score,
    blend: score,
    baseRate: score,
    openingOdds: score,
    closingOdds: score,
  }),
  /** Mean log-loss of `results` less that of `baseRate`, match by match; below zero is better. */
  difference: z.strictObject({ mean: finite, standardError: finite, n: count }),
  /** Share of the way from base rate to closing odds, in log-loss. */
  gapClosed: finite,
  /** The paired difference lies more than 1.96 standard errors below zero. */
  beatsBaseline: z.boolean(),
  /** `results` alone per league and season, so that a part can be recomputed. */
  slices: z.array(
    z.strictObject({ league: z.string(), season: z.string(), n: count, logLoss: finite }),
  ),
})

export const modelSchema = z.strictObject({
  format: z.literal(1),
  name: z.literal('match-outcome'),
  version: z.string().min(1).max(50),
  /** The day of the last result that the ratings know. */
  trainedThrough: day,
  /** SHA-256 of the file of results, hexadecimal. */
  dataHash: digest,
  dataLicence: z.string(),
  results: count,
  parameters,
  weights: z
    .array(z.strictObject({ feature: z.enum(FEATURES), home: finite, draw: finite, away: finite }))
    .length(FEATURES.length)
    .refine((rows) => rows.every(({ feature }, index) => feature === FEATURES[index])),
  leagues: z.array(league),
  teams: z.array(team),
  evaluation,
})

/** Everything a prediction needs, and what was measured of it. */
export type MatchModel = z.infer<typeof modelSchema>
export type ModelParameters = MatchModel['parameters']
export type ModelWeights = MatchModel['weights']
export type ModelEvaluation = MatchModel['evaluation']
export type ModelScore = z.infer<typeof score>
export type Estimate = z.infer<typeof estimate>

/** The file: the model and the SHA-256 of its canonical bytes (RFC 8785). */
export const modelFileSchema = z.strictObject({ body: z.unknown(), sha256: digest })
