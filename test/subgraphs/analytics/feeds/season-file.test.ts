import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FILE_LIMITS } from '#subgraphs/analytics/services/feeds/lines.ts'
import { createSeasonFileSource } from '#subgraphs/analytics/services/feeds/season-file.ts'
import { SEASON_COLUMNS } from '#subgraphs/analytics/services/feeds/season-row.ts'
import { faults, ofKind, realFile, take, temporaryFile } from './feeds-kit.ts'

const SEASONS = realFile('matches_0910_2324.csv.gz')
const premierLeague = { path: SEASONS, leagues: ['E0'], seasons: ['2324'] }

const HEADER = SEASON_COLUMNS.join(',')
const plain: Record<string, string> = {
  league: 'E0',
  season: '2324',
  date: '2023-08-11',
  home: 'Burnley',
  away: 'Luton',
  fthg: '2',
  ftag: '1',
  open_h: '2.10',
  open_d: '3.30',
  open_a: '3.60',
}
const row = (changes: Record<string, string> = {}) =>
  SEASON_COLUMNS.map((column) => changes[column] ?? plain[column] ?? '').join(',')
const file = (...rows: (string | Buffer)[]) =>
  Buffer.concat(
    [HEADER, ...rows].map((line) => Buffer.concat([Buffer.from(line), Buffer.from('\n')])),
  )

test('E0 2023-24 has 380 fixtures, 5,700 prices, 380 results with 1,246 goals, and no broken row', async () => {
  const events = await take(createSeasonFileSource(premierLeague))
  const results = ofKind(events, 'result')
  expect(ofKind(events, 'fixture')).toHaveLength(380)
  expect(ofKind(events, 'quote')).toHaveLength(5700)
  expect(results).toHaveLength(380)
  expect(results.reduce((sum, score) => sum + score.homeGoals + score.awayGoals, 0)).toBe(1246)
  expect(faults(events)).toEqual([])
  expect(events.map(({ position }) => position)).toEqual(events.map((_event, index) => index + 1))
})

test('the whole file of seven leagues and fifteen seasons is read without a broken row', async () => {
  const counts = { fixture: 0, quote: 0, result: 0, rejected: 0 }
  const { signal } = new AbortController()
  for await (const event of createSeasonFileSource({ path: SEASONS }).events({ signal })) {
    counts[event.kind] += 1
  }
  expect(counts).toEqual({ fixture: 36_269, quote: 438_531, result: 36_269, rejected: 0 })
})

test('the lower leagues carry the market maximum as well', async () => {
  const path = realFile('english_lower_2425.csv.gz')
  const events = await take(createSeasonFileSource({ path, leagues: ['E1'] }))
  expect(ofKind(events, 'fixture')).toHaveLength(552)
  const sources = Map.groupBy(ofKind(events, 'quote'), ({ source }) => source)
  expect([...sources].map(([source, quotes]) => [source, quotes.length])).toEqual([
    ['market-average', 552 * 10],
    ['pinnacle', 552 * 3],
    ['market-maximum', 552 * 3],
  ])
})

test('events come in the order of time, and each fixture opens, closes and ends', async () => {
  const events = await take(createSeasonFileSource(premierLeague))
  const times = events.map(({ at }) => at?.getTime() ?? 0)
  expect(times).toEqual(times.toSorted((left, right) => left - right))
  const key = 'E0/2023-24/2023-08-11/Burnley/Manchester City'
  const story = events.filter((e) => e.kind !== 'rejected' && e.fixture.externalId === key)
  expect(story.map(({ kind, at }) => `${kind} ${at?.toISOString()}`)).toEqual([
    'fixture 2023-08-08T15:00:00.000Z',
    ...Array(5).fill('quote 2023-08-08T15:00:00.000Z'),
    ...Array(10).fill('quote 2023-08-11T14:55:00.000Z'),
    'result 2023-08-11T16:55:00.000Z',
  ])
  expect(story[0]).toMatchObject({
    fixture: {
      source: 'season-file',
      competition: 'E0',
      season: '2023-24',
      home: 'Burnley',
      away: 'Manchester City',
      startsAt: new Date('2023-08-11T15:00:00Z'),
    },
  })
})

test('a replay from any position tells exactly the rest, as often as it is asked', async () => {
  const source = createSeasonFileSource(premierLeague)
  const all = await take(source)
  for (const after of [1, 379, 3_210, all.length - 1, all.length, all.length + 5]) {
    expect(await take(source, { after })).toEqual(all.slice(after))
  }
})

test.each([[-1], [1.5], [Number.NaN]])(
  'a position of %s answers FEED_POSITION_INVALID',
  async (after) => {
    const source = createSeasonFileSource(premierLeague)
    await expect(take(source, { after })).rejects.toMatchObject({ code: 'FEED_POSITION_INVALID' })
  },
)

test('an aborted signal ends the events quietly', async () => {
  const stop = new AbortController()
  const source = createSeasonFileSource(premierLeague)
  let taken = 0
  for await (const _event of source.events({ signal: stop.signal })) {
    taken += 1
    if (taken === 10) stop.abort()
  }
  expect(taken).toBe(10)
})

test('the identity stays with the same bytes and settings, and changes with either', async () => {
  await using one = await temporaryFile(file(row()))
  await using other = await temporaryFile(file(row({ fthg: '3' })))
  const identify = (settings: Parameters<typeof createSeasonFileSource>[0]) =>
    createSeasonFileSource(settings).identify()
  const identity = await identify({ path: one.path })
  expect(await identify({ path: one.path })).toBe(identity)
  expect(await identify({ path: other.path })).not.toBe(identity)
  expect(await identify({ path: one.path, leagues: ['E0'] })).not.toBe(identity)
})

const broken: [string, string | Buffer, string][] = [
  ['a day that does not exist', row({ date: '2023-02-30' }), 'date'],
  ['a date in words', row({ date: 'Saturday' }), 'date'],
  ['odds of 0', row({ open_h: '0' }), 'open_h'],
  ['odds of 1', row({ open_h: '1.00' }), 'open_h'],
  ['odds in words', row({ open_d: 'evens' }), 'open_d'],
  ['odds below nothing', row({ open_d: '-2.5' }), 'open_d'],
  ['odds in scientific notation', row({ open_a: '1e3' }), 'open_a'],
  ['odds beyond 1,000', row({ open_a: '1001' }), 'open_a'],
  ['too few columns', 'E0,2324,2023-08-11', 'columns'],
  ['too many columns', `${row()},x`, 'columns'],
  ['a huge line', row({ home: 'x'.repeat(1_000_000) }), 'length'],
  ['a long name', row({ home: 'x'.repeat(65) }), 'home'],
  ['no name', row({ away: ' ' }), 'away'],
  ['a control character', row({ away: 'Lu\u0000ton' }), 'away'],
  ['a team against itself', row({ away: 'Burnley' }), 'away'],
  ['half a result', row({ ftag: '' }), 'ftag'],
  ['goals in words', row({ fthg: 'two' }), 'fthg'],
  ['a season of no two years', row({ season: '2325' }), 'season'],
  ['an open quote', row({ home: '"Burnley' }), 'quotes'],
  ['bytes that are not UTF-8', Buffer.from(row({ home: 'M\u00fcnchen' }), 'latin1'), 'encoding'],
  ['the same match again', row(), 'duplicate'],
]

test.each(broken)(
  '%s is named by line and the rows around it are kept',
  async (_name, bad, reason) => {
    await using csv = await temporaryFile(file(row(), bad, row({ date: '2023-08-12' })))
    const events = await take(createSeasonFileSource({ path: csv.path }))
    expect(faults(events)).toEqual([`3:${reason}`])
    expect(events[0]).toMatchObject({ source: 'season-file', code: 'FEED_ROW_INVALID', at: null })
    expect(ofKind(events, 'fixture').map(({ fixture }) => fixture.externalId)).toEqual([
      'E0/2023-24/2023-08-11/Burnley/Luton',
      'E0/2023-24/2023-08-12/Burnley/Luton',
    ])
    expect(ofKind(events, 'quote')).toHaveLength(6)
  },
)

test('all broken rows at once are named in the order of lines', async () => {
  const rows = broken.map(([, bad]) => bad)
  await using csv = await temporaryFile(file(row(), ...rows))
  const events = await take(createSeasonFileSource({ path: csv.path }))
  expect(faults(events)).toEqual(broken.map(([, , reason], index) => `${index + 3}:${reason}`))
  expect(ofKind(events, 'fixture')).toHaveLength(1)
})

test('a missing price is left out, and a match without a result has none', async () => {
  await using csv = await temporaryFile(file(row({ open_d: '', fthg: '', ftag: '' })))
  const events = await take(createSeasonFileSource({ path: csv.path }))
  expect(events.map((e) => (e.kind === 'quote' ? e.selection : e.kind))).toEqual([
    'fixture',
    'home',
    'away',
  ])
})

test('quoted cells, carriage returns, a byte order mark, blank lines and further columns are read', async () => {
  const lines = [
    `\uFEFFnote,${HEADER}`,
    `"a, b",${row({ home: '"Burnley"' })}`,
    '',
    `x,${row({ date: '2023-08-12' })}`,
  ]
  await using csv = await temporaryFile(lines.join('\r\n'))
  const events = await take(createSeasonFileSource({ path: csv.path }))
  expect(faults(events)).toEqual([])
  expect(ofKind(events, 'fixture').map(({ fixture }) => fixture.home)).toEqual([
    'Burnley',
    'Burnley',
  ])
})

test('rows in no order are told in the order of days', async () => {
  const days = ['2023-08-20', '2023-08-12', '2023-08-16']
  await using csv = await temporaryFile(file(...days.map((date) => row({ date }))))
  const events = await take(createSeasonFileSource({ path: csv.path }))
  const opened = ofKind(events, 'fixture').map(({ fixture }) => fixture.externalId.split('/')[2])
  expect(opened).toEqual(days.toSorted())
})

test.each([
  ['an absent file', 'absent', 'FEED_FILE_UNREADABLE'],
  ['a folder', 'folder', 'FEED_FILE_UNREADABLE'],
])('%s answers %s', async (_name, kind, code) => {
  await using csv = await temporaryFile('')
  const path = kind === 'folder' ? csv.path.replace(/\/[^/]+$/, '') : `${csv.path}.none`
  await expect(take(createSeasonFileSource({ path }))).rejects.toMatchObject({ code })
  await expect(createSeasonFileSource({ path }).identify()).rejects.toMatchObject({ code })
})

test.each([
  ['an empty file', ''],
  ['a file without the columns', 'a,b,c\n1,2,3\n'],
  ['a file with a column twice', `${HEADER},home\n`],
  ['a file whose header is not UTF-8', Buffer.from([0xff, 0xfe, 0x0a])],
])('%s answers FEED_FILE_INVALID', async (_name, content) => {
  await using csv = await temporaryFile(content)
  const source = createSeasonFileSource({ path: csv.path })
  await expect(take(source)).rejects.toMatchObject({ code: 'FEED_FILE_INVALID' })
})

test('gzip is told by its bytes, and gzip cut short answers FEED_FILE_UNREADABLE', async () => {
  const rows = Array.from({ length: 500 }, (_unused, index) =>
    row({ home: `Club ${index * 7919}` }),
  )
  const packed = gzipSync(file(...rows))
  await using whole = await temporaryFile(packed)
  expect(ofKind(await take(createSeasonFileSource({ path: whole.path })), 'fixture')).toHaveLength(
    500,
  )
  await using half = await temporaryFile(packed.subarray(0, packed.length / 2))
  const source = createSeasonFileSource({ path: half.path })
  await expect(take(source)).rejects.toMatchObject({ code: 'FEED_FILE_UNREADABLE' })
})

test.each([
  ['packedBytes', { packedBytes: 100 }],
  ['unpackedBytes', { unpackedBytes: 1000 }],
  ['lines', { lines: 2 }],
])('a file beyond the limit of %s answers FEED_FILE_TOO_LARGE', async (limit, limits) => {
  await using csv = await temporaryFile(gzipSync(file(...Array(20).fill(row()))))
  const source = createSeasonFileSource({ path: csv.path, limits: { ...FILE_LIMITS, ...limits } })
  await expect(take(source)).rejects.toMatchObject({
    code: 'FEED_FILE_TOO_LARGE',
    extensions: { limit, file: 'feed.csv' },
  })
})

test('a season that is none is refused before anything is read', () => {
  const build = () => createSeasonFileSource({ path: SEASONS, seasons: ['2325'] })
  expect(build).toThrow(expect.objectContaining({ code: 'FEED_SETTING_INVALID' }))
})

test('whatever bytes follow the header, every line is told once or refused once', async () => {
  const line = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.constantFrom(row(), row({ open_h: '0' }), row({ date: '2023-08-12' })),
    fc
      .array(fc.constantFrom('"', ',', 'x', '2.1', '\r'), { maxLength: 40 })
      .map((bits) => bits.join('')),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 12 }), async (lines) => {
      const flat = lines.map((text) => text.replaceAll('\n', ' '))
      await using csv = await temporaryFile(file(...flat))
      const events = await take(createSeasonFileSource({ path: csv.path }))
      const blanks = flat.filter((text) => text === '' || text === '\r').length
      const told = ofKind(events, 'fixture').length + ofKind(events, 'rejected').length
      expect(told + blanks).toBe(flat.length)
    }),
    { numRuns: 100 },
  )
})
