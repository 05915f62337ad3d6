import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import {
  createHttpFeedSource,
  type HttpFeedSettings,
} from '#subgraphs/analytics/services/feeds/http.ts'
import { readRetryAfter } from '#subgraphs/analytics/services/feeds/http-fetch.ts'
import { faults, manualTime, ofKind, take } from './feeds-kit.ts'

const KEY = 'planted-secret-key-0123'

type Answer = (response: ServerResponse, request: IncomingMessage) => void

/** A provider that gives its answers one after the other, the last one for ever. */
async function startProvider(...answers: Answer[]) {
  const requests: URL[] = []
  const server = createServer((request, response) => {
    requests.push(new URL(request.url ?? '/', 'http://provider'))
    answers[Math.min(requests.length, answers.length) - 1]?.(response, request)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const json =
  (body: unknown): Answer =>
  (response) => {
    response.setHeader('content-type', 'application/json; charset=utf-8')
    response.end(JSON.stringify(body))
  }
const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(code, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify({ message: `no: ${KEY}` }))
  }

const game = (changes: object = {}) => ({
  id: 'g1',
  sport_key: 'soccer_epl',
  sport_title: 'EPL',
  commence_time: '2026-01-03T15:00:00Z',
  home_team: 'Liverpool',
  away_team: 'Everton',
  bookmakers: [
    {
      key: 'smarkets',
      title: 'Smarkets',
      last_update: '2026-01-01T00:00:00Z',
      markets: [
        { key: 'h2h', outcomes: [{ name: 'Liverpool', price: 1.5 }] },
        { key: 'h2h_lay', outcomes: [{ name: 'Draw', price: 4.6 }] },
        { key: 'totals', outcomes: [{ name: 'Over', price: 1.95, point: 2.5 }] },
      ],
    },
  ],
  ...changes,
})

function feedOf(provider: { baseUrl: string }, changes: Partial<HttpFeedSettings> = {}) {
  const time = manualTime()
  const settings = {
    baseUrl: provider.baseUrl,
    apiKey: KEY,
    sport: 'soccer_epl',
    regions: ['uk', 'eu'],
    markets: ['h2h', 'totals'],
    ...changes,
  }
  return { time, source: createHttpFeedSource(settings, time) }
}

test('an answer becomes a game, backs, lays and lines, asked for as the provider documents', async () => {
  await using provider = await startProvider(json([game()]))
  const { source } = feedOf(provider)
  const fixture = { source: 'odds-api', externalId: 'g1' }
  const at = new Date('2026-01-01T00:00:00Z')
  const price = { kind: 'quote', fixture, source: 'smarkets', at }
  const result = { type: 'match_result', line: null }
  const goals = { type: 'over_under', line: 2500 }
  expect(await take(source, { most: 4 })).toEqual([
    {
      kind: 'fixture',
      fixture: {
        ...fixture,
        home: 'Liverpool',
        away: 'Everton',
        competition: 'EPL',
        season: null,
        startsAt: new Date('2026-01-03T15:00:00Z'),
      },
      at,
      position: 1,
    },
    { ...price, market: result, selection: 'home', side: 'back', odds: 1500, position: 2 },
    { ...price, market: result, selection: 'draw', side: 'lay', odds: 4600, position: 3 },
    { ...price, market: goals, selection: 'over', side: 'back', odds: 1950, position: 4 },
  ])
  expect(provider.requests.map(({ pathname, search }) => pathname + search)).toEqual([
    `/v4/sports/soccer_epl/odds?apiKey=${KEY}&regions=uk%2Ceu&markets=h2h%2Ctotals&oddsFormat=decimal`,
  ])
})

test('each poll tells every price again, and the game only when its kick-off moves', async () => {
  const moved = game({ commence_time: '2026-01-04T15:00:00Z' })
  await using provider = await startProvider(json([game()]), json([game()]), json([moved]))
  const { source, time } = feedOf(provider)
  const events = await take(source, { most: 11 })
  expect(events.map(({ kind }) => kind[0]).join('')).toBe('fqqqqqqfqqq')
  expect(time.slept).toEqual([60_000, 60_000])
})

test('positions go on counting after the one given', async () => {
  await using provider = await startProvider(json([game()]))
  const events = await take(feedOf(provider).source, { after: 41, most: 4 })
  expect(events.map(({ position }) => position)).toEqual([42, 43, 44, 45])
})

const outcome = (changes: object) =>
  game({
    bookmakers: [
      { key: 'b', markets: [{ key: 'h2h', outcomes: [{ name: 'Draw', price: 3, ...changes }] }] },
    ],
  })

test.each([
  ['a game that is no object', 7, 'game'],
  ['a game without a team', game({ home_team: undefined }), 'game'],
  ['a team against itself', game({ home_team: 'Everton' }), 'game'],
  ['a kick-off at no time', game({ commence_time: 'soon' }), 'game'],
  ['a bookmaker without markets', game({ bookmakers: [{ key: 'b' }] }), 'bookmaker'],
  [
    'a market without outcomes',
    game({ bookmakers: [{ key: 'b', markets: [{ key: 'h2h' }] }] }),
    'market',
  ],
  ['odds of 0', outcome({ price: 0 }), 'outcome'],
  ['odds as text', outcome({ price: '3' }), 'outcome'],
  ['American odds', outcome({ price: -110 }), 'outcome'],
  ['a name that is no selection', outcome({ name: 'Chelsea' }), 'name'],
  ['a winner with a line', outcome({ point: 2.5 }), 'point'],
  ['the same game again', game({ id: 'last' }), 'duplicate'],
])('%s is refused by its place and the other games are kept', async (_name, bad, reason) => {
  const last = game({ id: 'last' })
  const games = reason === 'duplicate' ? [last, bad] : [bad, last]
  await using provider = await startProvider(json(games))
  const events = await take(feedOf(provider).source, { most: 20 })
  const place = reason === 'duplicate' ? 2 : 1
  expect(faults(events)[0]).toBe(`${place}:${reason}`)
  expect(ofKind(events, 'rejected')[0]).toMatchObject({ code: 'FEED_ANSWER_INVALID' })
  expect(ofKind(events, 'quote').some(({ fixture }) => fixture.externalId === 'last')).toBe(true)
})

const html: Answer = (response) => {
  response.setHeader('content-type', 'text/html')
  response.end('<html>maintenance</html>')
}
const cutJson: Answer = (response) => {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify([game()]).slice(0, 100))
}
const cutConnection: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
  response.write('[{"id":')
  response.flushHeaders()
  setImmediate(() => response.destroy())
}
const huge: Answer = (response) => {
  response.setHeader('content-type', 'application/json')
  response.end(`[${' '.repeat(100_000)}]`)
}
const silent: Answer = () => undefined
const slow: Answer = (response) => {
  response.setHeader('content-type', 'application/json')
  response.write('[')
}

test.each<[string, Answer, string, string, number]>([
  ['a wrong key', status(401), 'FEED_HTTP_REFUSED', 'status-401', 1],
  ['a forbidden sport', status(403), 'FEED_HTTP_REFUSED', 'status-403', 1],
  ['an unknown sport', status(404), 'FEED_HTTP_REFUSED', 'status-404', 1],
  ['a used up quota', status(429), 'FEED_HTTP_REFUSED', 'status-429', 3],
  ['a broken provider', status(503), 'FEED_HTTP_UNREACHABLE', 'status-503', 3],
  ['HTML', html, 'FEED_ANSWER_INVALID', 'content-type', 1],
  ['JSON cut short', cutJson, 'FEED_ANSWER_INVALID', 'json', 3],
  ['a connection cut short', cutConnection, 'FEED_HTTP_UNREACHABLE', 'network', 3],
  ['an object in place of a list', json({ message: 'no' }), 'FEED_ANSWER_INVALID', 'answer', 1],
  ['a list of 1,001 games', json(Array(1001).fill(1)), 'FEED_ANSWER_INVALID', 'answer', 1],
  ['a huge answer', huge, 'FEED_ANSWER_TOO_LARGE', 'length', 1],
  ['no answer', silent, 'FEED_HTTP_UNREACHABLE', 'timeout', 3],
  ['an answer that never ends', slow, 'FEED_HTTP_UNREACHABLE', 'timeout', 3],
])('%s is told as a rejection after bounded tries', async (_name, answer, code, reason, tries) => {
  await using provider = await startProvider(answer)
  const { source } = feedOf(provider, { limits: { timeoutMs: 150, maxBytes: 50_000 } })
  const [event] = await take(source, { most: 1 })
  const at = expect.any(Date)
  expect(event).toEqual({
    kind: 'rejected',
    source: 'odds-api',
    code,
    line: null,
    reason,
    at,
    position: 1,
  })
  expect(provider.requests).toHaveLength(tries)
})

test('nobody listening is told as a rejection', async () => {
  const provider = await startProvider(json([]))
  await provider[Symbol.asyncDispose]()
  const [event] = await take(feedOf(provider).source, { most: 1 })
  expect(event).toMatchObject({ code: 'FEED_HTTP_UNREACHABLE', reason: 'network' })
})

test('a redirect is refused and never followed, so that the key stays here', async () => {
  await using other = await startProvider(json([]))
  await using provider = await startProvider(status(302, { location: `${other.baseUrl}/v4` }))
  const [event] = await take(feedOf(provider).source, { most: 1 })
  expect(event).toMatchObject({ code: 'FEED_HTTP_REFUSED', reason: 'status-302' })
  expect(other.requests).toEqual([])
})

test('Retry-After is honoured, and the next answer is told as if nothing had been', async () => {
  await using provider = await startProvider(status(429, { 'retry-after': '7' }), json([game()]))
  const { source, time } = feedOf(provider)
  expect((await take(source, { most: 1 })).map(({ kind }) => kind)).toEqual(['fixture'])
  expect(time.slept).toEqual([7_000])
})

test('a Retry-After of an hour ends the poll, and the next one waits for it', async () => {
  await using provider = await startProvider(status(429, { 'retry-after': '3600' }), json([game()]))
  const { source, time } = feedOf(provider)
  const events = await take(source, { most: 2 })
  expect(events.map(({ kind }) => kind)).toEqual(['rejected', 'fixture'])
  expect(time.slept).toEqual([3_600_000])
})

test.each([
  ['7', 7_000],
  ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
  ['Thu, 01 Jan 2015 00:00:00 GMT', 0],
  ['999999999', 86_400_000],
  ['soon', 0],
  ['-5', 0],
  [null, 0],
])('a Retry-After of %s means %s ms', (header, expected) => {
  expect(readRetryAfter(header, new Date('2026-01-01T00:00:00Z'))).toBe(expected)
})

test('tries back off doubling, and failed polls in a row are ever further apart up to a bound', async () => {
  await using provider = await startProvider(status(503))
  const { source, time } = feedOf(provider)
  await take(source, { most: 6 })
  const pauses = [120, 240, 480, 960, 960].map((seconds) => seconds * 1000)
  expect(time.slept).toEqual([1000, 2000, ...pauses.flatMap((pause) => [pause, 1000, 2000])])
})

test('the key stands in no event and no error', async () => {
  await using provider = await startProvider(status(401), html, cutJson, json({ key: KEY }))
  const events = await take(feedOf(provider).source, { most: 4 })
  const { source } = feedOf(provider)
  expect(JSON.stringify([events, await source.identify(), source])).not.toContain(KEY)
  const refuse = () => feedOf(provider, { apiKey: `${KEY} with a blank` })
  expect(refuse).toThrow(
    expect.objectContaining({ extensions: { setting: 'apiKey', code: 'FEED_SETTING_INVALID' } }),
  )
  expect(refuse).not.toThrow(KEY)
})

test('an aborted signal ends a waiting request at once, without an event', async () => {
  await using provider = await startProvider((_response, request) => {
    request.on('close', () => undefined)
    stop.abort()
  })
  const stop = new AbortController()
  expect(await take(feedOf(provider).source, { signal: stop.signal })).toEqual([])
  expect(provider.requests).toHaveLength(1)
})

test.each<[string, Partial<HttpFeedSettings>]>([
  ['baseUrl', { baseUrl: 'ftp://example.org' }],
  ['baseUrl', { baseUrl: 'no address' }],
  ['baseUrl', { baseUrl: 'https://user:secret@example.org' }],
  ['apiKey', { apiKey: '' }],
  ['sport', { sport: '../../etc' }],
  ['regions', { regions: [] }],
  ['markets', { markets: ['h2h&apiKey=x'] }],
  ['limits', { limits: { intervalMs: 0 } }],
])('a %s that can never work is refused at once', (setting, changes) => {
  const build = () => feedOf({ baseUrl: 'https://example.org' }, changes)
  expect(build).toThrow(
    expect.objectContaining({ extensions: { setting, code: 'FEED_SETTING_INVALID' } }),
  )
})
