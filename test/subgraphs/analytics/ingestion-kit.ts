import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Database } from '#kernel/db/database.ts'
import { EventRow } from '#kernel/events/event-row.ts'
import { FeedRun } from '#subgraphs/analytics/entities/feed-run.ts'
import { Fixture } from '#subgraphs/analytics/entities/fixture.ts'
import { Market } from '#subgraphs/analytics/entities/market.ts'
import { OddsQuote } from '#subgraphs/analytics/entities/odds-quote.ts'
import { Selection } from '#subgraphs/analytics/entities/selection.ts'

/** Opening and closing column of one price, straight from the file's header. */
const PRICES = [
  ['match_result/home', 'market-average', 'open_h', 'close_h'],
  ['match_result/draw', 'market-average', 'open_d', 'close_d'],
  ['match_result/away', 'market-average', 'open_a', 'close_a'],
  ['over_under/over', 'market-average', 'ou25_open_over', 'ou25_close_over'],
  ['over_under/under', 'market-average', 'ou25_open_under', 'ou25_close_under'],
  ['both_score/yes', 'market-average', '', 'btts_close_yes'],
  ['both_score/no', 'market-average', '', 'btts_close_no'],
  ['match_result/home', 'pinnacle', '', 'pin_close_h'],
  ['match_result/draw', 'pinnacle', '', 'pin_close_d'],
  ['match_result/away', 'pinnacle', '', 'pin_close_a'],
  ['match_result/home', 'market-maximum', '', 'max_close_h'],
  ['match_result/draw', 'market-maximum', '', 'max_close_d'],
  ['match_result/away', 'market-maximum', '', 'max_close_a'],
] as const

const thousandths = (text: string | undefined) => (text ? Math.round(Number(text) * 1000) : null)

/** Rows of the file, read by nothing that the product uses. */
function readRows(path: string) {
  const [header = '', ...lines] = gunzipSync(readFileSync(path)).toString('utf8').trim().split('\n')
  const names = header.trim().split(',')
  return lines.map((line) => {
    const cells = line.trim().split(',')
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']))
  })
}

/** Every price change of a season, computed from the file alone: "home-away/market/selection/source previous>odds". */
export function changesInFile(path: string, league: string, season: string): string[] {
  return readRows(path)
    .filter((row) => row.league === league && row.season === season)
    .flatMap((row) =>
      PRICES.flatMap(([answer, source, openColumn, closeColumn]) => {
        const open = thousandths(row[openColumn])
        const close = thousandths(row[closeColumn])
        const name = `${row.home}-${row.away}/${answer}/${source}`
        const opening = open === null ? [] : [`${name} null>${open}`]
        const closing = close === null || close === open ? [] : [`${name} ${open}>${close}`]
        return [...opening, ...closing]
      }),
    )
    .sort()
}

/** The changes that stand in the tables, written alike. */
export async function changesStored(database: Database): Promise<string[]> {
  const em = database.acrossTenants()
  const nameOf = new Map(
    (await em.find(Fixture, {})).map(({ id, home, away }) => [id, `${home}-${away}`]),
  )
  const typeOf = new Map((await em.find(Market, {})).map(({ id, type }) => [id, type]))
  const answerOf = new Map((await em.find(Selection, {})).map(({ id, name }) => [id, name]))
  const quotes = await em.find(OddsQuote, {})
  return quotes
    .map(({ fixtureId, marketId, selectionId, source, previousOdds, odds }) => {
      const answer = `${typeOf.get(marketId)}/${answerOf.get(selectionId)}`
      return `${nameOf.get(fixtureId)}/${answer}/${source} ${previousOdds ?? null}>${odds}`
    })
    .sort()
}

/** Sequences of a feed, and the ids of the quotes it told. */
export async function toldOdds(database: Database) {
  const rows = await database
    .acrossTenants()
    .find(EventRow, { topic: 'odds' }, { orderBy: { seq: 'asc' } })
  return {
    sequences: rows.map(({ seq }) => seq),
    quoteIds: rows.map(({ payload }) => Number((payload as { id: string }).id)),
  }
}

/** What a feed told of, in order. */
export async function typesTold(database: Database, topic: string): Promise<string[]> {
  const rows = await database.acrossTenants().find(EventRow, { topic }, { orderBy: { seq: 'asc' } })
  return rows.map(({ type }) => type)
}

export const runOf = (database: Database) =>
  database.acrossTenants().findOneOrFail(FeedRun, { id: '1' })

export const countTo = (last: number) => Array.from({ length: last }, (_unused, index) => index + 1)
