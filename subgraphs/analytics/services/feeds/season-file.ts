import { createHash } from 'node:crypto'
import { analyticsError } from '../../errors.ts'
import type { FeedDraft, FeedSource, FixtureKey } from './feed.ts'
import { FILE_LIMITS, type FileLimits, hashFile } from './lines.ts'
import { numbered } from './positions.ts'
import { type BrokenRow, readRows, rejections } from './rows.ts'
import {
  type PriceStage,
  readMatch,
  SEASON_COLUMNS,
  type SeasonFilter,
  type SeasonMatch,
} from './season-row.ts'
import { readSeason } from './values.ts'

const NAME = 'season-file'
const MINUTE_MS = 60_000

/**
 * The file knows days, not hours. These conventions place a match on its day (all in UTC), and the source says
 * `timing: 'assumed'`: kick-off 15:00, opening prices three days before, closing prices five minutes before,
 * the result 115 minutes after.
 */
export const SEASON_CONVENTIONS = {
  kickOffMs: 15 * 60 * MINUTE_MS,
  openingBeforeMs: 3 * 24 * 60 * MINUTE_MS,
  closingBeforeMs: 5 * MINUTE_MS,
  resultAfterMs: 115 * MINUTE_MS,
} as const

export type SeasonFileSettings = {
  readonly path: string
  /** Codes as in the file ("E0"); absent or empty for all. */
  readonly leagues?: readonly string[]
  /** "2023-24" or "2324"; absent or empty for all. */
  readonly seasons?: readonly string[]
  readonly limits?: FileLimits
}

/**
 * Historic seasons: each fixture opens with its opening prices, moves to its closing prices, ends with its result.
 * Only prices that stand in the file are told. Broken rows come first, named by line; then everything in the
 * order of time.
 * @throws FEED_SETTING_INVALID for a season that is none; reading throws as `readRows`
 */
export function createSeasonFileSource(settings: SeasonFileSettings): FeedSource {
  const filter = readFilter(settings)
  const file = { path: settings.path, limits: settings.limits ?? FILE_LIMITS }
  return {
    name: NAME,
    isSimulated: false,
    isEndless: false,
    timing: 'assumed',
    identify: async () => identity(await hashFile(file), filter),
    events: async function* (request) {
      const content = await readRows({ ...file, columns: SEASON_COLUMNS }, (row) =>
        readMatch(row, filter),
      )
      const { matches, broken } = withoutDoubles(content.items, content.broken)
      yield* numbered(seasonDrafts(matches, broken), request)
    },
  }
}

function readFilter({ leagues = [], seasons = [] }: SeasonFileSettings): SeasonFilter {
  const read = seasons.map((season) => {
    const name = readSeason(season)
    if (!name) throw analyticsError('FEED_SETTING_INVALID', { setting: 'seasons' })
    return name
  })
  return { leagues, seasons: read }
}

function identity(fileHash: string, { leagues, seasons }: SeasonFilter): string {
  const asked = JSON.stringify([[...leagues].sort(), [...seasons].sort()])
  return `${NAME}:${createHash('sha256').update(fileHash).update(asked).digest('hex')}`
}

/** Matches by day and line; the second of two with the same key is a broken row. */
function withoutDoubles(items: readonly SeasonMatch[], brokenRows: readonly BrokenRow[]) {
  const seen = new Set<string>()
  const broken = [...brokenRows]
  const matches = items.filter(({ line, fixture: { externalId } }) => {
    if (seen.has(externalId)) broken.push({ line, reason: 'duplicate' })
    return seen.size < seen.add(externalId).size
  })
  return {
    matches: matches.sort((left, right) => +left.day - +right.day || left.line - right.line),
    broken: broken.sort((left, right) => left.line - right.line),
  }
}

function* seasonDrafts(
  matches: readonly SeasonMatch[],
  broken: readonly BrokenRow[],
): Generator<FeedDraft> {
  yield* rejections(NAME, broken)
  for (const { chapter, match } of inTimeOrder(matches)) {
    const kickOff = match.day.getTime() + SEASON_CONVENTIONS.kickOffMs
    yield* chapter.tell(match, new Date(kickOff + chapter.offsetMs))
  }
}

type Chapter = {
  /** Milliseconds from kick-off. */
  readonly offsetMs: number
  readonly tell: (match: SeasonMatch, at: Date) => FeedDraft[]
}

const CHAPTERS: readonly Chapter[] = [
  { offsetMs: SEASON_CONVENTIONS.resultAfterMs, tell: tellResult },
  { offsetMs: -SEASON_CONVENTIONS.closingBeforeMs, tell: tellPrices('closing') },
  {
    offsetMs: -SEASON_CONVENTIONS.openingBeforeMs,
    tell: (match, at) => [tellFixture(match, at), ...tellPrices('opening')(match, at)],
  },
]

/** Merges the chapters of all matches by time: each chapter alone is in order, because the matches are. */
function* inTimeOrder(matches: readonly SeasonMatch[]) {
  const heads = CHAPTERS.map((chapter) => ({ chapter, next: 0 }))
  for (;;) {
    let earliest: { head: (typeof heads)[number]; match: SeasonMatch; at: number } | null = null
    for (const head of heads) {
      const match = matches[head.next]
      const at = match ? match.day.getTime() + head.chapter.offsetMs : Number.POSITIVE_INFINITY
      if (match && (!earliest || at < earliest.at)) earliest = { head, match, at }
    }
    if (!earliest) return
    earliest.head.next += 1
    yield { chapter: earliest.head.chapter, match: earliest.match }
  }
}

function keyOf({ fixture }: SeasonMatch): FixtureKey {
  return { source: NAME, externalId: fixture.externalId }
}

function tellFixture(match: SeasonMatch, at: Date): FeedDraft {
  const startsAt = new Date(match.day.getTime() + SEASON_CONVENTIONS.kickOffMs)
  return { kind: 'fixture', fixture: { source: NAME, ...match.fixture, startsAt }, at }
}

function tellPrices(asked: PriceStage) {
  return (match: SeasonMatch, at: Date): FeedDraft[] =>
    match.prices
      .filter(({ stage }) => stage === asked)
      .map(({ stage: _stage, ...quoted }) => ({
        kind: 'quote',
        fixture: keyOf(match),
        side: 'back',
        ...quoted,
        at,
      }))
}

function tellResult(match: SeasonMatch, at: Date): FeedDraft[] {
  return match.score ? [{ kind: 'result', fixture: keyOf(match), ...match.score, at }] : []
}
