import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

/**
 * What a season file tells, worked out without any of the product's code: the other side of the
 * proof's account.
 */
export type Season = {
  header: string
  rows: readonly string[]
}

/** Path of the real data. */
export const SEASON_FILE = fileURLToPath(
  new URL('../../../shared/data/football/matches_0910_2324.csv.gz', import.meta.url),
)
const ROWS = 'E0,2324,'

/** Who offers what on which selection: the columns of the opening and of the closing price. */
const OFFERS = [
  ['match_result home market-average', 'open_h', 'close_h'],
  ['match_result draw market-average', 'open_d', 'close_d'],
  ['match_result away market-average', 'open_a', 'close_a'],
  ['over_under 2.5 over market-average', 'ou25_open_over', 'ou25_close_over'],
  ['over_under 2.5 under market-average', 'ou25_open_under', 'ou25_close_under'],
  ['both_score yes market-average', '', 'btts_close_yes'],
  ['both_score no market-average', '', 'btts_close_no'],
  ['match_result home pinnacle', '', 'pin_close_h'],
  ['match_result draw pinnacle', '', 'pin_close_d'],
  ['match_result away pinnacle', '', 'pin_close_a'],
  ['match_result home market-maximum', '', 'max_close_h'],
  ['match_result draw market-maximum', '', 'max_close_d'],
  ['match_result away market-maximum', '', 'max_close_a'],
] as const

/** The Premier League of 2023-24 as its file has it, or the first `most` matches of it. */
export async function readSeasonFile(most = Number.POSITIVE_INFINITY): Promise<Season> {
  if (!existsSync(SEASON_FILE)) throw new Error(`This proof needs the real data at ${SEASON_FILE}.`)
  const [header = '', ...rows] = gunzipSync(await readFile(SEASON_FILE))
    .toString()
    .split(/\r?\n/)
  return { header, rows: rows.filter((row) => row.startsWith(ROWS)).slice(0, most) }
}

/** One change of a price as a line of text: the match, the offer, the odds in thousandths before and after. */
export const changeText = (change: {
  match: string
  offer: string
  previous: number | null
  odds: number
}) => `${change.match} ${change.offer} ${change.previous ?? 'none'} > ${change.odds}`

function pricesOf(row: ReadonlyMap<string, string>, columns: readonly string[]): number[] {
  return columns
    .map((column) => row.get(column) ?? '')
    .filter((text) => text !== '')
    .map((text) => Math.round(Number(text) * 1_000))
}

/** Counts a change when the price of an offer is new or differs from the one before. */
export function expectedChanges({ header, rows }: Season): string[] {
  const names = header.split(',')
  return rows.flatMap((line) => {
    const row = new Map(line.split(',').map((value, index) => [names[index] ?? '', value]))
    const match = [row.get('date'), row.get('home'), row.get('away')].join('/')
    return OFFERS.flatMap(([offer, opening, closing]) =>
      pricesOf(row, [opening, closing]).flatMap((odds, index, all) => {
        const previous = all[index - 1] ?? null
        return previous === odds ? [] : [changeText({ match, offer, previous, odds })]
      }),
    )
  })
}
