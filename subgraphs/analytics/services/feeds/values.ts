import { parseOdds } from '#kernel/money.ts'

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/
const INSTANT = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/
const POINT = /^[+-]?\d{1,3}(\.\d{1,3})?$/
const SEASON = /^(\d{4})$|^(\d{4})-(\d{2})$/
const EARLIEST_YEAR = 1870
const LATEST_YEAR = 2200
const LONGEST_NAME = 64

/** Readers of one value of a feed: the value, or null when the text is none. Text is as the sender wrote it. */
export type ValueReader<Value> = (text: string) => Value | null

/** Odds in thousandths; see `parseOdds`. */
export const readOdds: ValueReader<number> = (text) => parseOdds(text)

/** Midnight UTC of a real calendar day, written YYYY-MM-DD. */
export const readDay: ValueReader<Date> = (text) => {
  const [, year, month, day] = (DAY.exec(text) ?? []).map(Number)
  if (year === undefined || month === undefined || day === undefined) return null
  if (year < EARLIEST_YEAR || year > LATEST_YEAR) return null
  const instant = new Date(Date.UTC(year, month - 1, day))
  return instant.getUTCMonth() === month - 1 && instant.getUTCDate() === day ? instant : null
}

/** An instant of RFC 3339 with its offset; fractions finer than a millisecond are cut. */
export const readInstant: ValueReader<Date> = (text) => {
  const parts = INSTANT.exec(text)
  if (!parts || !readDay(parts[1] ?? '')) return null
  const instant = new Date(text)
  return Number.isNaN(instant.getTime()) ? null : instant
}

/** A name of a team, bookmaker or competition: 1 to 64 printable characters, trimmed. */
export const readName: ValueReader<string> = (text) => {
  const name = text.trim()
  return name.length > 0 && name.length <= LONGEST_NAME && !/[\p{C}]/u.test(name) ? name : null
}

/** Goals of one team: 0 to 99. */
export const readGoals: ValueReader<number> = (text) =>
  /^\d{1,2}$/.test(text) ? Number(text) : null

/** A line in goals as thousandths: "-0.25" is -250. */
export const readLine: ValueReader<number> = (text) => {
  if (!POINT.test(text)) return null
  const thousandths = Math.round(Number(text) * 1000)
  return thousandths === 0 ? 0 : thousandths
}

/** A season as "2023-24", from "2324" or "2023-24"; two-digit years from 70 on belong to the last century. */
export const readSeason: ValueReader<string> = (text) => {
  const [, short, long, longEnd] = SEASON.exec(text) ?? []
  const start = short ? centuryOf(Number(short.slice(0, 2))) : Number(long)
  const end = short?.slice(2) ?? longEnd
  if (end === undefined || Number(end) !== (start + 1) % 100) return null
  return `${start}-${end}`
}

function centuryOf(twoDigits: number): number {
  return twoDigits >= 70 ? 1900 + twoDigits : 2000 + twoDigits
}
