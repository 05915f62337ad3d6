import type { BetOutcome } from '../../entities/bet.ts'
import type { LegOutcome } from '../../entities/bet-leg.ts'
import type { MarketType } from '../../entities/market.ts'
import type { SelectionName } from '../../entities/selection.ts'

/** Goals after regular time. */
export type Goals = { readonly home: number; readonly away: number }

/** What a leg says. `line` is in thousandths of a goal, 0 where its market has none. */
export type Answer = {
  readonly marketType: MarketType
  readonly line: number
  readonly selection: SelectionName
}

const GOAL = 1_000
/** A line such as 2.25 lies a quarter goal from both halves of the stake. */
const QUARTER = 250

const ANSWERS: Readonly<Record<MarketType, readonly SelectionName[]>> = {
  match_result: ['home', 'draw', 'away'],
  over_under: ['over', 'under'],
  both_score: ['yes', 'no'],
  handicap: ['home', 'away'],
  draw_no_bet: ['home', 'away'],
}

type Margin = (answer: Answer, goals: Goals) => number

const yesOrNo = (isRight: boolean) => (isRight ? GOAL : -GOAL)

const resultOf = ({ home, away }: Goals) => (home === away ? 'draw' : home > away ? 'home' : 'away')

/** How far an answer is from pushing, in thousandths of a goal; above 0 it is right. */
const MARGINS: Readonly<Record<MarketType, Margin>> = {
  match_result: ({ selection }, goals) => yesOrNo(selection === resultOf(goals)),
  both_score: ({ selection }, { home, away }) =>
    yesOrNo((home > 0 && away > 0) === (selection === 'yes')),
  over_under: ({ selection, line }, { home, away }) => {
    const above = (home + away) * GOAL - line
    return selection === 'over' ? above : -above
  },
  handicap: ({ selection, line }, { home, away }) => {
    const ahead = (home - away) * GOAL + line
    return selection === 'home' ? ahead : -ahead
  },
  draw_no_bet: ({ selection }, { home, away }) =>
    (selection === 'home' ? home - away : away - home) * GOAL,
}

const isQuarterLine = (line: number) => Math.abs(line) % (2 * QUARTER) === QUARTER

/**
 * How an answer ended. A quarter line is half a stake on each of its neighbours, so a margin of a quarter
 * goal wins or loses one half and pushes the other. An answer that its market does not know is void.
 */
export function legOutcome(answer: Answer, result: Goals | 'abandoned'): LegOutcome {
  const { marketType, line, selection } = answer
  if (result === 'abandoned' || !ANSWERS[marketType].includes(selection)) return 'void'
  const margin = MARGINS[marketType](answer, result)
  if (margin === 0) return 'push'
  const isHalf = isQuarterLine(line) && Math.abs(margin) === QUARTER
  if (isHalf) return margin > 0 ? 'half_won' : 'half_lost'
  return margin > 0 ? 'won' : 'lost'
}

const GIVES_BACK: readonly LegOutcome[] = ['void', 'push']

/** A single ends as its leg did; a push is told as void. */
const SINGLE: Readonly<Record<Exclude<LegOutcome, 'open'>, BetOutcome>> = {
  won: 'won',
  lost: 'lost',
  void: 'void',
  push: 'void',
  half_won: 'half_won',
  half_lost: 'half_lost',
}

/**
 * How a bet ended, or null while it is open. One lost leg ends a multiple at once; otherwise all legs must have
 * ended, and legs that were given back do not count.
 */
export function betOutcome(legs: readonly LegOutcome[]): BetOutcome | null {
  if (legs.includes('lost')) return 'lost'
  if (legs.includes('open')) return null
  const counting = legs.filter((leg) => !GIVES_BACK.includes(leg))
  const [only] = counting
  if (only === undefined) return 'void'
  if (counting.length === 1 && only !== 'open') return SINGLE[only]
  return counting.every((leg) => leg === 'won') ? 'won' : 'mixed'
}
