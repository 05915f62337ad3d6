import { HIGHEST_ODDS, LOWEST_ODDS } from '#kernel/money.ts'
import { cellsOf, type ScoreCell, type ScoreMatrix } from './score-matrix.ts'
import { type BetShares, fairProbability, sharesOf } from './settlement-shares.ts'

/** Kinds of market that have a fair price; the names are those of analytics, and correct score beside them. */
export const PRICED_MARKETS = [
  'match_result',
  'over_under',
  'both_score',
  'handicap',
  'draw_no_bet',
  'correct_score',
] as const
export type PricedMarket = (typeof PRICED_MARKETS)[number]

/** Which answer to which question. */
export type PricedSelection = {
  readonly marketType: PricedMarket
  /** Thousandths of a goal, a multiple of 250; the home team's handicap; 0 where the type has none. */
  readonly line: number
  /** home, draw, away, over, under, yes, no; of correct score `2:1`, or `other` beyond 5 goals of a team. */
  readonly selection: string
}

/** A price without a margin. */
export type FairPrice = PricedSelection & {
  /** What the odds are the inverse of; those of a market's answers sum to one. */
  readonly probability: number
  /** Thousandths, rounded and held to what exchanges quote (1.001 to 1000). */
  readonly odds: number
  readonly shares: BetShares
}

const GOAL = 1000
const QUARTER = 250
const MOST_EXACT_GOALS = 5
const OVER_UNDER = { lowest: 500, highest: 6500 } as const
const HANDICAP = { lowest: -3000, highest: 3000 } as const

/** By how much a score wins the bet, in thousandths of a goal; where no bet is a question of degree, a whole goal. */
type MarginOf = (cell: ScoreCell, line: number) => number

const answer = (isWon: boolean) => (isWon ? GOAL : -GOAL)
const lead = ({ homeGoals, awayGoals }: ScoreCell) => (homeGoals - awayGoals) * GOAL
const total = ({ homeGoals, awayGoals }: ScoreCell) => (homeGoals + awayGoals) * GOAL
const haveBothScored = ({ homeGoals, awayGoals }: ScoreCell) => homeGoals > 0 && awayGoals > 0

/** The rules of every market, answer by answer. */
const RULES: Readonly<
  Record<Exclude<PricedMarket, 'correct_score'>, Readonly<Record<string, MarginOf>>>
> = {
  match_result: {
    home: (cell) => answer(lead(cell) > 0),
    draw: (cell) => answer(lead(cell) === 0),
    away: (cell) => answer(lead(cell) < 0),
  },
  over_under: {
    over: (cell, line) => total(cell) - line,
    under: (cell, line) => line - total(cell),
  },
  both_score: {
    yes: (cell) => answer(haveBothScored(cell)),
    no: (cell) => answer(!haveBothScored(cell)),
  },
  handicap: {
    home: (cell, line) => lead(cell) + line,
    away: (cell, line) => -lead(cell) - line,
  },
  draw_no_bet: { home: lead, away: (cell) => -lead(cell) },
}

const LINES: Readonly<Record<keyof typeof RULES, readonly number[]>> = {
  match_result: [0],
  over_under: stepsFrom(OVER_UNDER),
  both_score: [0],
  handicap: stepsFrom(HANDICAP),
  draw_no_bet: [0],
}

const SELECTIONS: readonly PricedSelection[] = allSelections()

/**
 * The fair price of one answer, or null where there is none: another market, an answer that the market does not have,
 * or a line that is no quarter of a goal or belongs to no line of the market.
 */
export function fairOddsOf(matrix: ScoreMatrix, asked: PricedSelection): FairPrice | null {
  return priceOf(cellsOf(matrix), asked)
}

function priceOf(cells: readonly ScoreCell[], asked: PricedSelection): FairPrice | null {
  const marginOf = ruleOf(asked)
  if (marginOf === null || !isLineOf(asked)) return null
  const shares = sharesOf(cells, (cell) => marginOf(cell, asked.line))
  const probability = fairProbability(shares)
  return { ...asked, probability, odds: oddsOf(probability), shares }
}

/**
 * All fair prices of a fixture from one matrix: result, totals from 0.5 to 6.5 and handicaps from -3 to +3 in quarters,
 * both score, draw no bet, correct score to 5:5 and any other.
 */
export function fairPrices(matrix: ScoreMatrix): FairPrice[] {
  const cells = cellsOf(matrix)
  return SELECTIONS.flatMap((selection) => priceOf(cells, selection) ?? [])
}

function allSelections(): PricedSelection[] {
  const ruled = Object.entries(RULES).flatMap(([type, answers]) => {
    const marketType = type as keyof typeof RULES // a key of the table above
    return LINES[marketType].flatMap((line) =>
      Object.keys(answers).map((selection) => ({ marketType, line, selection })),
    )
  })
  const scores = ['other', ...exactScores()]
  const exact = scores.map((selection) => ({
    marketType: 'correct_score' as const,
    line: 0,
    selection,
  }))
  return [...ruled, ...exact]
}

function exactScores(): string[] {
  const goals = Array.from({ length: MOST_EXACT_GOALS + 1 }, (_, count) => count)
  return goals.flatMap((home) => goals.map((away) => `${home}:${away}`))
}

function ruleOf({ marketType, selection }: PricedSelection): MarginOf | null {
  if (marketType === 'correct_score') return exactRule(selection)
  const answers = RULES[marketType]
  return Object.hasOwn(answers, selection) ? (answers[selection] ?? null) : null
}

function exactRule(selection: string): MarginOf | null {
  if (selection === 'other') {
    return ({ homeGoals, awayGoals }) => answer(Math.max(homeGoals, awayGoals) > MOST_EXACT_GOALS)
  }
  if (!/^[0-5]:[0-5]$/.test(selection)) return null
  const [home, away] = [Number(selection[0]), Number(selection[2])]
  return ({ homeGoals, awayGoals }) => answer(homeGoals === home && awayGoals === away)
}

function isLineOf({ marketType, line }: PricedSelection): boolean {
  if (marketType === 'over_under') return isWithin(line, OVER_UNDER)
  return marketType === 'handicap' ? isWithin(line, HANDICAP) : line === 0
}

const isWithin = (line: number, { lowest, highest }: { lowest: number; highest: number }) =>
  line >= lowest && line <= highest && line % QUARTER === 0

function stepsFrom({ lowest, highest }: { lowest: number; highest: number }): number[] {
  return Array.from({ length: (highest - lowest) / QUARTER + 1 }, (_, at) => lowest + at * QUARTER)
}

/** Odds in thousandths of a probability; of 0 and 1 the ends of what is quoted. */
function oddsOf(probability: number): number {
  return Math.min(Math.max(Math.round(1000 / probability), LOWEST_ODDS), HIGHEST_ODDS)
}
