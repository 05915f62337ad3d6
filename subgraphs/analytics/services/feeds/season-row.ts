import {
  type FixtureSeen,
  MARKET_AVERAGE,
  MARKET_MAXIMUM,
  type MarketKey,
  type Selection,
} from './feed.ts'
import { type Row, rowInvalid } from './rows.ts'
import { readDay, readGoals, readName, readOdds, readSeason } from './values.ts'

/** When in its life a fixture's price was taken. */
export type PriceStage = 'opening' | 'closing'

type PriceColumn = {
  readonly column: string
  readonly stage: PriceStage
  readonly source: string
  readonly market: MarketKey
  readonly selection: Selection
}

const RESULT: MarketKey = { type: 'match_result', line: null }
const GOALS: MarketKey = { type: 'over_under', line: 2500 }
const BOTH: MarketKey = { type: 'both_score', line: null }
const PINNACLE = 'pinnacle'

/** Which column holds whose price of what. Opening and closing prices are all the file knows: nothing lies between. */
const PRICES = [
  price('open_h', MARKET_AVERAGE, [RESULT, 'home']),
  price('open_d', MARKET_AVERAGE, [RESULT, 'draw']),
  price('open_a', MARKET_AVERAGE, [RESULT, 'away']),
  price('ou25_open_over', MARKET_AVERAGE, [GOALS, 'over']),
  price('ou25_open_under', MARKET_AVERAGE, [GOALS, 'under']),
  price('close_h', MARKET_AVERAGE, [RESULT, 'home']),
  price('close_d', MARKET_AVERAGE, [RESULT, 'draw']),
  price('close_a', MARKET_AVERAGE, [RESULT, 'away']),
  price('ou25_close_over', MARKET_AVERAGE, [GOALS, 'over']),
  price('ou25_close_under', MARKET_AVERAGE, [GOALS, 'under']),
  price('btts_close_yes', MARKET_AVERAGE, [BOTH, 'yes']),
  price('btts_close_no', MARKET_AVERAGE, [BOTH, 'no']),
  price('pin_close_h', PINNACLE, [RESULT, 'home']),
  price('pin_close_d', PINNACLE, [RESULT, 'draw']),
  price('pin_close_a', PINNACLE, [RESULT, 'away']),
  price('max_close_h', MARKET_MAXIMUM, [RESULT, 'home']),
  price('max_close_d', MARKET_MAXIMUM, [RESULT, 'draw']),
  price('max_close_a', MARKET_MAXIMUM, [RESULT, 'away']),
] as const

const FACTS = ['league', 'season', 'date', 'home', 'away', 'fthg', 'ftag'] as const
export type SeasonColumn = (typeof FACTS)[number] | (typeof PRICES)[number]['column']

/** The columns a season file must have; others are ignored. */
export const SEASON_COLUMNS: readonly SeasonColumn[] = [
  ...FACTS,
  ...PRICES.map(({ column }) => column),
]

/** One priced selection of a match. */
export type SeasonPrice = Omit<PriceColumn, 'column'> & { readonly odds: number }

export type SeasonMatch = {
  readonly line: number
  readonly day: Date
  readonly fixture: Omit<FixtureSeen['fixture'], 'source' | 'startsAt'>
  readonly prices: readonly SeasonPrice[]
  /** Null while the match has not been played. */
  readonly score: { readonly homeGoals: number; readonly awayGoals: number } | null
}

/** Which matches are asked for; an empty list asks for all. Seasons as "2023-24". */
export type SeasonFilter = {
  readonly leagues: readonly string[]
  readonly seasons: readonly string[]
}

/** One match of the file, or null when the filter leaves it out. @throws FEED_ROW_INVALID */
export function readMatch(row: Row<SeasonColumn>, filter: SeasonFilter): SeasonMatch | null {
  const competition = row.take('league', readName)
  if (!isAskedFor(filter.leagues, competition)) return null
  const season = row.take('season', readSeason)
  if (!isAskedFor(filter.seasons, season)) return null
  const day = row.take('date', readDay)
  const home = row.take('home', readName)
  const away = row.take('away', readName)
  if (home === away) throw rowInvalid(row.line, 'away')
  // a pair may meet twice in a season (play-offs), so the day belongs to the key
  const externalId = [competition, season, day.toISOString().slice(0, 10), home, away].join('/')
  return {
    line: row.line,
    day,
    fixture: { externalId, competition, season, home, away },
    prices: readPrices(row),
    score: readScore(row),
  }
}

function readPrices(row: Row<SeasonColumn>): SeasonPrice[] {
  return PRICES.flatMap(({ column, ...quoted }) => {
    const odds = row.maybe(column, readOdds)
    return odds === null ? [] : [{ ...quoted, odds }]
  })
}

function readScore(row: Row<SeasonColumn>): SeasonMatch['score'] {
  const homeGoals = row.maybe('fthg', readGoals)
  const awayGoals = row.maybe('ftag', readGoals)
  if (homeGoals === null && awayGoals === null) return null
  if (homeGoals === null) throw rowInvalid(row.line, 'fthg')
  if (awayGoals === null) throw rowInvalid(row.line, 'ftag')
  return { homeGoals, awayGoals }
}

function isAskedFor(wanted: readonly string[], value: string): boolean {
  return wanted.length === 0 || wanted.includes(value)
}

function price<const Column extends string>(
  column: Column,
  source: string,
  [market, selection]: readonly [MarketKey, Selection],
) {
  const stage: PriceStage = column.includes('open') ? 'opening' : 'closing'
  return { column, stage, source, market, selection }
}
