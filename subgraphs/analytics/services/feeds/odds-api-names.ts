import type { MarketKey, MarketType, Selection, Side } from './feed.ts'

/** Market keys of The Odds API v4 that this platform understands, without their `_lay` ending. */
const MARKETS: Readonly<Record<string, MarketType>> = {
  h2h: 'match_result',
  h2h_3_way: 'match_result',
  totals: 'over_under',
  alternate_totals: 'over_under',
  spreads: 'handicap',
  alternate_spreads: 'handicap',
  btts: 'both_score',
  draw_no_bet: 'draw_no_bet',
}
const LAY_ENDING = '_lay'
const FARTHEST_LINE = 100_000

export type NamedTeams = { readonly home: string; readonly away: string }

/** What an outcome of The Odds API prices, or which of its parts is not understood. */
export type PricedOutcome =
  | { readonly market: MarketKey; readonly selection: Selection; readonly side: Side }
  | { readonly broken: 'market' | 'name' | 'point' }

type Outcome = {
  readonly marketKey: string
  readonly name: string
  /** Thousandths of a goal; null where the outcome has none. */
  readonly line: number | null
}

/** Translates an outcome's names: lay markets end with `_lay`; a handicap is told by the home team's line. */
export function nameOutcome(outcome: Outcome, teams: NamedTeams): PricedOutcome {
  const isLay = outcome.marketKey.endsWith(LAY_ENDING)
  const key = isLay ? outcome.marketKey.slice(0, -LAY_ENDING.length) : outcome.marketKey
  const type = Object.hasOwn(MARKETS, key) ? MARKETS[key] : undefined
  if (!type) return { broken: 'market' }
  const selection = SELECTION_OF[type](outcome.name, teams)
  if (!selection) return { broken: 'name' }
  const line = lineOf(type, selection, outcome.line)
  if (line === undefined) return { broken: 'point' }
  return { market: { type, line }, selection, side: isLay ? 'lay' : 'back' }
}

type SelectionReader = (name: string, teams: NamedTeams) => Selection | null

const team: SelectionReader = (name, { home, away }) =>
  name === home ? 'home' : name === away ? 'away' : null

const SELECTION_OF: Readonly<Record<MarketType, SelectionReader>> = {
  match_result: (name, teams) => team(name, teams) ?? (name === 'Draw' ? 'draw' : null),
  over_under: (name) => (name === 'Over' ? 'over' : name === 'Under' ? 'under' : null),
  both_score: (name) => (name === 'Yes' ? 'yes' : name === 'No' ? 'no' : null),
  handicap: team,
  draw_no_bet: team,
}

/** The market's line, or undefined when it lacks one or has one it should not have. */
function lineOf(type: MarketType, selection: Selection, line: number | null) {
  if (type !== 'over_under' && type !== 'handicap') return line === null ? null : undefined
  if (line === null || Math.abs(line) > FARTHEST_LINE) return undefined
  if (type === 'over_under') return line > 0 ? line : undefined
  return selection === 'away' && line !== 0 ? -line : line
}
