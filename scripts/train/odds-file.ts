import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import type { ByOutcome } from '../../subgraphs/ai/services/forecast/outcomes.ts'
import { deVig } from '../../subgraphs/ai/services/forecast/scores.ts'
import { nameIn, pairNames, type ToldMatch } from './pair-names.ts'
import type { Result } from './results-file.ts'

/** What the market thought of a match, its margin taken off by the power method. */
export type MarketViews = { readonly opening: ByOutcome; readonly closing: ByOutcome }

/** Finds what the market thought of a result, or null. */
export type MarketOf = (result: Result) => MarketViews | null

/** Sums of implied probabilities beyond which a row is a slip of the file. */
const PLAUSIBLE = { lowest: 1, highest: 1.25 }

const decimal = z.string().transform((text) => (text === '' ? 0 : Number(text)))
const row = z.object({
  league: z.string(),
  season: z.string(),
  date: z.string(),
  home: z.string(),
  away: z.string(),
  fthg: decimal,
  ftag: decimal,
  open_h: decimal,
  open_d: decimal,
  open_a: decimal,
  close_h: decimal,
  close_d: decimal,
  close_a: decimal,
})
type Row = z.infer<typeof row>

/**
 * Reads average odds of a file in the columns of football-data.co.uk, and finds which of the results they belong to.
 * Rows without both prices are left out; a pair meets once a season on each ground.
 */
export async function readMarkets(path: string, results: readonly Result[]): Promise<MarketOf> {
  const bytes = await readFile(path)
  const text = path.endsWith('.gz') ? gunzipSync(bytes) : bytes
  const cells: unknown[] = parse(text, { columns: true, skip_empty_lines: true })
  const rows = cells.map((one) => row.parse(one))
  const names = pairNames(results.map(toldByResult), rows.map(toldByRow))
  const markets = new Map<string, MarketViews>()
  for (const one of rows) {
    const opening = viewOf([one.open_h, one.open_d, one.open_a])
    const closing = viewOf([one.close_h, one.close_d, one.close_a])
    const told = toldByRow(one)
    const home = names.get(nameIn(told, told.home))
    const away = names.get(nameIn(told, told.away))
    if (opening && closing && home && away) {
      markets.set(keyOf({ ...told, home, away }), { opening, closing })
    }
  }
  return (result) => markets.get(keyOf(result)) ?? null
}

const keyOf = ({ competition, season, home, away }: Omit<Result, 'playedAt'>) =>
  [competition, season, home, away].join('/')

const toldByResult = (result: Result): ToldMatch => ({
  ...result,
  day: result.playedAt.toISOString().slice(0, 10),
})

const toldByRow = ({ league, season, date, home, away, fthg, ftag }: Row): ToldMatch => ({
  competition: league,
  season,
  day: date,
  home,
  away,
  homeGoals: fthg,
  awayGoals: ftag,
})

function viewOf(odds: readonly number[]): ByOutcome | null {
  if (odds.some((price) => !(price > 1))) return null
  const total = odds.reduce((sum, price) => sum + 1 / price, 0)
  if (total < PLAUSIBLE.lowest || total > PLAUSIBLE.highest) return null
  const [home = 0, draw = 0, away = 0] = deVig(odds)
  return { home, draw, away }
}
