import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { changeText } from './season-file.ts'

/** How far the platform has come, read past it from its file. */
export type Progress = { changes: number; isFinished: boolean }

/** What the platform kept of the prices. */
export type Kept = {
  /** Rows of `odds_quotes` as lines of text. */
  quotes: string[]
  /** Ids of the prices in the order of the events that told of them. */
  told: string[]
  /** When each of those was stored, milliseconds of the clock. */
  toldAt: Map<string, number>
  /** Whether the events count 1, 2, 3, … without a hole, up to what their topic says. */
  isDense: boolean
}

type Row = Record<string, string | number | null>

const QUOTES = `select f.external_id as match, m.type, m.line, s.name, q.source,
    q.previous_odds as previous, q.odds
  from odds_quotes q join selections s on s.id = q.selection_id
  join markets m on m.id = q.market_id join fixtures f on f.id = q.fixture_id order by q.id`
const EVENTS = `select seq, json_extract(payload, '$.id') as id, at from events
  where topic = 'odds' order by seq`

function reading<Result>(dataDir: string, read: (ask: (sql: string) => Row[]) => Result): Result {
  const database = new DatabaseSync(join(dataDir, 'analytics.sqlite'), { readOnly: true })
  try {
    return read((sql) => database.prepare(sql).all() as Row[])
  } finally {
    database.close()
  }
}

/** Its first process must have answered once: before that there may be no table. */
export const readProgress = (dataDir: string): Progress =>
  reading(dataDir, (ask) => {
    const [run] = ask('select changes, status from feed_runs')
    return { changes: Number(run?.changes ?? 0), isFinished: run?.status === 'finished' }
  })

function lineOf({ match, type, line, name, source, previous, odds }: Row): string {
  const market = line ? `${type} ${Number(line) / 1_000}` : `${type}`
  return changeText({
    // The platform's id of a match begins with league and season.
    match: String(match).split('/').slice(2).join('/'),
    offer: `${market} ${name} ${source}`,
    previous: previous === null || previous === undefined ? null : Number(previous),
    odds: Number(odds),
  })
}

/** Reads everything of a platform that has stopped. */
export const readKept = (dataDir: string): Kept =>
  reading(dataDir, (ask) => {
    const events = ask(EVENTS)
    const [topic] = ask(`select last_seq as last from event_topics where topic = 'odds'`)
    return {
      quotes: ask(QUOTES).map(lineOf),
      told: events.map(({ id }) => String(id)),
      toldAt: new Map(events.map(({ id, at }) => [String(id), Number(at)])),
      isDense: topic?.last === events.length && events.every(({ seq }, index) => seq === index + 1),
    }
  })
