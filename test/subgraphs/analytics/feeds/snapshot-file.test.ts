import { expect, test } from 'vitest'
import { createSnapshotFileSource } from '#subgraphs/analytics/services/feeds/snapshot-file.ts'
import { faults, ofKind, realFile, take, temporaryFile } from './feeds-kit.ts'

const SNAPSHOTS = realFile('epl_odds_snapshots_2025-10_11.csv.gz')
const real = { path: SNAPSHOTS, competition: 'EPL' }

const HEADER =
  'pulled_at,game_id,commence_time,home_team,away_team,bookmaker,bookmaker_name,last_update,market,name,price,point'
const plain = {
  pulled: '2025-10-15T03:37:51.569770+00:00',
  game: 'g1',
  starts: '2025-10-19T15:30:00Z',
  home: 'Liverpool',
  away: 'Everton',
  bookmaker: 'smarkets',
  market: 'h2h',
  name: 'Liverpool',
  price: '1.5',
  point: '',
}
const row = (changes: Partial<typeof plain> = {}) => {
  const cell = { ...plain, ...changes }
  return [
    ...[cell.pulled, cell.game, cell.starts, cell.home, cell.away, cell.bookmaker],
    ...['Smarkets', cell.pulled, cell.market, cell.name, cell.price, cell.point],
  ].join(',')
}
const csvOf = (...rows: string[]) => [HEADER, ...rows].join('\n')
const sourceOf = ({ path }: { path: string }) =>
  createSnapshotFileSource({ path, competition: 'EPL' })

test('the real file has 60 games, 4,597 prices in 28 pulls of which 504 are lays, and no broken row', async () => {
  const events = await take(createSnapshotFileSource(real))
  const quotes = ofKind(events, 'quote')
  expect(ofKind(events, 'fixture')).toHaveLength(60)
  expect(quotes).toHaveLength(4597)
  expect(quotes.filter(({ side }) => side === 'lay')).toHaveLength(504)
  expect(new Set(quotes.map(({ at }) => at.getTime())).size).toBe(28)
  expect(faults(events)).toEqual([])
  const types = Map.groupBy(quotes, ({ market }) => market.type)
  expect([...types].map(([type, list]) => [type, list.length]).toSorted()).toEqual([
    ['handicap', 134],
    ['match_result', 3291 + 504],
    ['over_under', 668],
  ])
})

test('pulls come in their order and a resumed reading tells exactly the rest', async () => {
  const source = createSnapshotFileSource(real)
  const all = await take(source)
  const times = all.map(({ at }) => at?.getTime() ?? 0)
  expect(times).toEqual(times.toSorted((left, right) => left - right))
  expect(await take(source, { after: 2_000 })).toEqual(all.slice(2_000))
})

test('both sides of a real handicap stand on one line', async () => {
  const quotes = ofKind(await take(createSnapshotFileSource(real)), 'quote')
  const handicaps = quotes.filter(({ market }) => market.type === 'handicap')
  const markets = Map.groupBy(handicaps, ({ fixture, market, source, at }) =>
    JSON.stringify([fixture.externalId, market.line, source, at]),
  )
  for (const sides of markets.values()) {
    expect(sides.map(({ selection }) => selection).toSorted()).toEqual(['away', 'home'])
  }
})

test('a row becomes a game and a price, and a second row only a price', async () => {
  await using csv = await temporaryFile(
    csvOf(row(), row({ market: 'h2h_lay', name: 'Draw', price: '4.6' })),
  )
  const fixture = { source: 'snapshot-file', externalId: 'g1' }
  const at = new Date('2025-10-15T03:37:51.569Z')
  const price = { kind: 'quote', fixture, market: { type: 'match_result', line: null }, at }
  expect(await take(sourceOf(csv))).toEqual([
    {
      kind: 'fixture',
      fixture: {
        ...fixture,
        competition: 'EPL',
        season: null,
        home: 'Liverpool',
        away: 'Everton',
        startsAt: new Date('2025-10-19T15:30:00Z'),
      },
      at,
      position: 1,
    },
    { ...price, selection: 'home', side: 'back', source: 'smarkets', odds: 1500, position: 2 },
    { ...price, selection: 'draw', side: 'lay', source: 'smarkets', odds: 4600, position: 3 },
  ])
})

test('a game whose kick-off moves is told again, and unsorted pulls are put in order', async () => {
  const later = { pulled: '2025-10-16T03:00:00Z', starts: '2025-10-20T19:00:00Z' }
  await using csv = await temporaryFile(csvOf(row(later), row()))
  const events = ofKind(await take(sourceOf(csv)), 'fixture')
  expect(events.map(({ fixture }) => fixture.startsAt.toISOString())).toEqual([
    '2025-10-19T15:30:00.000Z',
    '2025-10-20T19:00:00.000Z',
  ])
})

test('over and under, both score, and the away side of a handicap find their lines', async () => {
  await using csv = await temporaryFile(
    csvOf(
      row({ market: 'totals', name: 'Over', point: '2.5' }),
      row({ market: 'spreads', name: 'Everton', point: '0.75' }),
      row({ market: 'spreads', name: 'Everton', point: '0.0' }),
      row({ market: 'btts', name: 'No' }),
      row({ market: 'draw_no_bet', name: 'Everton' }),
    ),
  )
  const quotes = ofKind(await take(sourceOf(csv)), 'quote')
  expect(quotes.map(({ market, selection }) => [market.type, market.line, selection])).toEqual([
    ['over_under', 2500, 'over'],
    ['handicap', -750, 'away'],
    ['handicap', 0, 'away'],
    ['both_score', null, 'no'],
    ['draw_no_bet', null, 'away'],
  ])
})

test.each([
  ['an unknown market', { market: 'player_goals' }, 'market'],
  ['a market named like a built-in', { market: 'constructor' }, 'market'],
  ['a name that is no selection', { name: 'Chelsea' }, 'name'],
  ['a total without a line', { market: 'totals', name: 'Over' }, 'point'],
  ['a total below nothing', { market: 'totals', name: 'Over', point: '-2.5' }, 'point'],
  ['a winner with a line', { point: '2.5' }, 'point'],
  ['a line in words', { market: 'totals', name: 'Over', point: 'two' }, 'point'],
  ['odds of 0', { price: '0' }, 'price'],
  ['no odds', { price: '' }, 'price'],
  ['a pull at no time', { pulled: 'yesterday' }, 'pulled_at'],
  ['a pull without an offset', { pulled: '2025-10-15T03:37:51' }, 'pulled_at'],
  ['a kick-off on a day that does not exist', { starts: '2025-02-30T15:00:00Z' }, 'commence_time'],
  ['no game', { game: '' }, 'game_id'],
  ['a team against itself', { away: 'Liverpool' }, 'away_team'],
])('%s is named by line and the rows around it are kept', async (_name, changes, reason) => {
  await using csv = await temporaryFile(csvOf(row(), row(changes), row({ name: 'Draw' })))
  const events = await take(sourceOf(csv))
  expect(faults(events)).toEqual([`3:${reason}`])
  expect(ofKind(events, 'quote').map(({ selection }) => selection)).toEqual(['home', 'draw'])
})

test('a competition without a name is refused, and the identity depends on it', async () => {
  const build = (competition: string) => createSnapshotFileSource({ ...real, competition })
  expect(() => build(' ')).toThrow(expect.objectContaining({ code: 'FEED_SETTING_INVALID' }))
  expect(await build('EPL').identify()).toBe(await build('EPL').identify())
  expect(await build('EPL').identify()).not.toBe(await build('Cup').identify())
})
