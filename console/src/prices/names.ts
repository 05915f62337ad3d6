import type { MarketType, SelectionName } from '../gql/documents.ts'

/** What a selection is called, short for a cell and whole for whoever does not see it. */
export const SELECTION_NAMES: Readonly<Record<SelectionName, { sign: string; name: string }>> = {
  HOME: { sign: '1', name: 'Home' },
  DRAW: { sign: 'X', name: 'Draw' },
  AWAY: { sign: '2', name: 'Away' },
  OVER: { sign: 'O', name: 'Over' },
  UNDER: { sign: 'U', name: 'Under' },
  YES: { sign: 'Y', name: 'Yes' },
  NO: { sign: 'N', name: 'No' },
}

const MARKET_NAMES: Readonly<Record<MarketType, string>> = {
  MATCH_RESULT: 'Match result',
  OVER_UNDER: 'Goals',
  BOTH_SCORE: 'Both teams score',
  HANDICAP: 'Handicap',
  DRAW_NO_BET: 'Draw no bet',
}

export const isSelectionName = (found: unknown): found is SelectionName =>
  typeof found === 'string' && Object.hasOwn(SELECTION_NAMES, found)

export const isMarketType = (found: unknown): found is MarketType =>
  typeof found === 'string' && Object.hasOwn(MARKET_NAMES, found)

const HAS_LINE: readonly MarketType[] = ['OVER_UNDER', 'HANDICAP']

/** A market with its line where it has one: Goals 2.5, Handicap −0.5. */
export function marketName(type: MarketType, line: number): string {
  if (!HAS_LINE.includes(type)) return MARKET_NAMES[type]
  const goals = String(Math.abs(line) / 1_000)
  const sign = type === 'HANDICAP' && line !== 0 ? (line < 0 ? '−' : '+') : ''
  return `${MARKET_NAMES[type]} ${sign}${goals}`
}

/** A selection in words, with the team where it is one's. */
export function selectionText(
  name: SelectionName,
  { home, away }: { home: string; away: string },
): string {
  if (name === 'HOME') return home
  if (name === 'AWAY') return away
  return SELECTION_NAMES[name].name
}
