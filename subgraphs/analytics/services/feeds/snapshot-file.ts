import { createHash } from 'node:crypto'
import { analyticsError } from '../../errors.ts'
import type { FeedDraft, FeedSource, FixtureKey, FixtureSeen, PriceQuoted } from './feed.ts'
import { FILE_LIMITS, type FileLimits, hashFile } from './lines.ts'
import { nameOutcome } from './odds-api-names.ts'
import { numbered } from './positions.ts'
import { type FileContent, type Row, readRows, rejections, rowInvalid } from './rows.ts'
import { readInstant, readLine, readName, readOdds } from './values.ts'

const NAME = 'snapshot-file'

const COLUMNS = [
  'pulled_at',
  'game_id',
  'commence_time',
  'home_team',
  'away_team',
  'bookmaker',
  'market',
  'name',
  'price',
  'point',
] as const
type Column = (typeof COLUMNS)[number]

export type SnapshotFileSettings = {
  readonly path: string
  /** The file names no competition: this is it. */
  readonly competition: string
  readonly limits?: FileLimits
}

type Snapshot = {
  readonly line: number
  readonly pulledAt: Date
  readonly fixture: FixtureSeen['fixture']
  readonly price: Pick<PriceQuoted, 'market' | 'selection' | 'side' | 'source' | 'odds'>
}

/**
 * Saved pulls of The Odds API, one price per row, told pull by pull as they were taken (`at` is the pull's time).
 * Every price is told, changed or not. Broken rows come first, named by line.
 * @throws FEED_SETTING_INVALID for a competition without a name; reading throws as `readRows`
 */
export function createSnapshotFileSource(settings: SnapshotFileSettings): FeedSource {
  const competition = readName(settings.competition)
  if (!competition) throw analyticsError('FEED_SETTING_INVALID', { setting: 'competition' })
  const file = { path: settings.path, limits: settings.limits ?? FILE_LIMITS }
  return {
    name: NAME,
    isSimulated: false,
    isEndless: false,
    timing: 'recorded',
    identify: async () => {
      const hash = createHash('sha256')
        .update(await hashFile(file))
        .update(competition)
      return `${NAME}:${hash.digest('hex')}`
    },
    events: async function* (request) {
      const content = await readRows({ ...file, columns: COLUMNS }, (row) =>
        readSnapshot(row, competition),
      )
      yield* numbered(snapshotDrafts(content), request)
    },
  }
}

function readSnapshot(row: Row<Column>, competition: string): Snapshot {
  const home = row.take('home_team', readName)
  const away = row.take('away_team', readName)
  if (home === away) throw rowInvalid(row.line, 'away_team')
  return {
    line: row.line,
    pulledAt: row.take('pulled_at', readInstant),
    fixture: {
      source: NAME,
      externalId: row.take('game_id', readName),
      competition,
      season: null,
      home,
      away,
      startsAt: row.take('commence_time', readInstant),
    },
    price: readPrice(row, { home, away }),
  }
}

function readPrice(row: Row<Column>, teams: { home: string; away: string }): Snapshot['price'] {
  const outcome = {
    marketKey: row.take('market', readName),
    name: row.take('name', readName),
    line: row.maybe('point', readLine),
  }
  const named = nameOutcome(outcome, teams)
  if ('broken' in named) throw rowInvalid(row.line, named.broken)
  return { ...named, source: row.take('bookmaker', readName), odds: row.take('price', readOdds) }
}

function* snapshotDrafts({ items, broken }: FileContent<Snapshot>): Generator<FeedDraft> {
  yield* rejections(NAME, broken)
  const inOrder = items.toSorted(
    (left, right) => +left.pulledAt - +right.pulledAt || left.line - right.line,
  )
  const known = new Map<string, number>()
  for (const { fixture, price, pulledAt } of inOrder) {
    // a game is told when first seen and again when its kick-off moves
    if (known.get(fixture.externalId) !== fixture.startsAt.getTime()) {
      known.set(fixture.externalId, fixture.startsAt.getTime())
      yield { kind: 'fixture', fixture, at: pulledAt }
    }
    yield { kind: 'quote', fixture: keyOf(fixture), ...price, at: pulledAt }
  }
}

function keyOf({ source, externalId }: FixtureKey): FixtureKey {
  return { source, externalId }
}
