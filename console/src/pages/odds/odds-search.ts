import type { MarketType } from '../../gql/documents.ts'

/** What the board shows, as it stands in its address. */
export type OddsSearch = {
  /** Whole name of a competition. */
  competition?: string | undefined
  /** Part of a team's name. */
  q?: string | undefined
  market: BoardMarket
}

/** Markets that the board can show: those with a fair price and one line. */
export const BOARD_MARKETS = [
  'MATCH_RESULT',
  'OVER_UNDER',
  'BOTH_SCORE',
] as const satisfies MarketType[]
export type BoardMarket = (typeof BOARD_MARKETS)[number]

const LONGEST = 100

const textIn = (value: unknown): string | null =>
  typeof value === 'string' && value.trim() !== '' ? value.slice(0, LONGEST) : null

/** Whatever an address says, bounded. */
export function parseOddsSearch(search: Record<string, unknown>): OddsSearch {
  const competition = textIn(search.competition)
  const q = textIn(search.q)
  const market = BOARD_MARKETS.find((name) => name === search.market) ?? 'MATCH_RESULT'
  return { market, ...(competition ? { competition } : {}), ...(q ? { q } : {}) }
}
