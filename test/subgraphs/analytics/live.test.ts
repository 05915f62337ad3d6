import { expect, test } from 'vitest'
import {
  type Answer,
  openAnalytics,
  seasonFeed,
  seasonFile,
  untilFinished,
  type World,
} from './analytics-kit.ts'
import { temporaryFile } from './feeds/feeds-kit.ts'

const MATCHES = Array.from({ length: 6 }, (_unused, index) => ({
  date: `2024-02-${String(index + 10)}`,
  home: `Home ${index}`,
  away: `Away ${index}`,
  ...{ open_h: 1.8, open_d: 3.6, open_a: 4.5, close_h: 1.7, close_d: 3.7, close_a: 5 },
  ...{ fthg: 2, ftag: 1 },
}))
const CHANGES = MATCHES.length * 6

const ODDS = 'subscription { oddsChanged { id odds previousOdds source fixtureId } }'

/** The next answers of a stream. */
async function take(stream: AsyncIterable<Answer>, count: number): Promise<Answer[]> {
  const taken: Answer[] = []
  for await (const answer of stream) {
    taken.push(answer)
    if (taken.length === count) break
  }
  return taken
}

const idsOf = (answers: readonly Answer[]) => answers.map(({ data }) => Number(data.oddsChanged.id))

/** All changes in order, read over short connections that each resume where the last one broke off. */
async function readInPieces(world: World, total: number, piece: number): Promise<number[]> {
  const seen: number[] = []
  let resume: string | null = null
  while (seen.length < total) {
    const connection = new AbortController()
    const stream = await world.follow(ODDS, { resume, signal: connection.signal })
    const answers = await take(stream, Math.min(piece, total - seen.length))
    connection.abort()
    resume = answers.at(-1)?.cursor ?? null
    seen.push(...idsOf(answers))
  }
  return seen
}

test('every price change is told once, in order, to a follower that is cut off again and again', async () => {
  await using file = await temporaryFile(seasonFile(MATCHES))
  await using world = await openAnalytics({ oddsFeed: seasonFeed(file.path) })
  const connection = new AbortController()
  const stream = await world.follow(ODDS, { signal: connection.signal })
  const first = take(stream, 1)
  await world.play()
  const [head] = await first
  connection.abort()
  expect(head?.data.oddsChanged).toMatchObject({ previousOdds: null, source: 'market-average' })
  const resumed = await world.follow(ODDS, {
    resume: head?.cursor ?? null,
    signal: AbortSignal.timeout(20_000),
  })
  expect(idsOf(await take(resumed, CHANGES - 1))).toEqual(
    Array.from({ length: CHANGES - 1 }, (_unused, index) => index + 2),
  )
})

test('short connections resumed by cursor leave no gap and no double', async () => {
  await using file = await temporaryFile(seasonFile(MATCHES))
  await using world = await openAnalytics({ oddsFeed: seasonFeed(file.path) })
  const reading = readInPieces(world, CHANGES, 5)
  await world.play()
  expect(await reading).toEqual(Array.from({ length: CHANGES }, (_unused, index) => index + 1))
})

test('a follower of one fixture, competition or source gets these alone', async () => {
  await using file = await temporaryFile(seasonFile(MATCHES))
  await using world = await openAnalytics({ oddsFeed: seasonFeed(file.path) })
  const { signal } = new AbortController()
  const follow = (filter: string, resume: string | null = null) =>
    world.follow(ODDS.replace('oddsChanged', `oddsChanged(${filter})`), { resume, signal })
  const ofFixture = take(await follow('fixtureId: "3", competition: "E0"'), 6)
  const ofAverage = take(await follow('sources: ["market-average", "nobody"]'), CHANGES)
  await world.play()
  expect((await ofFixture).map(({ data }) => data.oddsChanged.fixtureId)).toEqual(
    Array(6).fill('3'),
  )
  expect(await ofAverage).toHaveLength(CHANGES)
})

test('a fixture is told as it opens and as it finishes, each as it was then', async () => {
  await using file = await temporaryFile(seasonFile(MATCHES.slice(0, 1)))
  await using world = await openAnalytics({ oddsFeed: seasonFeed(file.path) })
  const query =
    'subscription { fixtureChanged { type fixture { home status score { home away } } } }'
  const { signal } = new AbortController()
  const changes = take(await world.follow(query, { signal }), 2)
  await world.play()
  expect((await changes).map(({ data }) => data.fixtureChanged)).toEqual([
    { type: 'OPENED', fixture: { home: 'Home 0', status: 'SCHEDULED', score: null } },
    {
      type: 'FINISHED',
      fixture: { home: 'Home 0', status: 'FINISHED', score: { home: 2, away: 1 } },
    },
  ])
})

test('a cursor of another feed answers CURSOR_FOREIGN, text that is none CURSOR_INVALID, too many sources WHERE_TOO_LARGE', async () => {
  await using file = await temporaryFile(seasonFile(MATCHES))
  await using world = await openAnalytics({ oddsFeed: seasonFeed(file.path) })
  const { signal } = new AbortController()
  const fixtures = 'subscription { fixtureChanged { type } }'
  const opened = take(await world.follow(fixtures, { signal }), 1)
  await world.play()
  const [event] = await opened
  const codesFor = async (resume: string | null) => {
    const [answer] = await take(await world.follow(ODDS, { resume, signal }), 1)
    return answer?.codes
  }
  expect(await codesFor(event?.cursor ?? null)).toEqual(['CURSOR_FOREIGN'])
  expect(await codesFor('nonsense')).toEqual(['CURSOR_INVALID'])
  const sources = JSON.stringify(Array(101).fill('house'))
  const greedy = ODDS.replace('oddsChanged', `oddsChanged(sources: ${sources})`)
  const [refused] = await take(await world.follow(greedy, { signal }), 1)
  expect(refused?.codes).toEqual(['WHERE_TOO_LARGE'])
})

test('a paused feed stores nothing until it goes on where it was', async () => {
  await using file = await temporaryFile(seasonFile(MATCHES))
  await using world = await openAnalytics({ oddsFeed: seasonFeed(file.path, 30_000) })
  const { signal } = new AbortController()
  const first = take(await world.follow(ODDS, { signal }), 1)
  await world.service.start()
  await first
  const act = (name: string, who: 'operator' | 'acmeAlmighty' | 'acmeAdmin' = 'operator') =>
    world.ask(who, `mutation { ${name}(input: { feedId: "1" }) { isPaused } }`)
  expect((await act('pauseFeed', 'acmeAdmin')).codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
  expect((await act('pauseFeed', 'acmeAlmighty')).codes).toEqual(['FEEDS_PLATFORM_ONLY'])
  expect((await act('pauseFeed')).data).toEqual({ pauseFeed: { isPaused: true } })
  const positionOf = async () =>
    (await world.ask('operator', '{ feeds { position isPaused } }')).data.feeds[0]
  const paused = await positionOf()
  expect(paused.isPaused).toBe(true)
  expect(Number(paused.position)).toBeLessThan(CHANGES + 2 * MATCHES.length)
  expect((await act('resumeFeed')).data).toEqual({ resumeFeed: { isPaused: false } })
  await untilFinished(world.ask)
  expect(Number((await positionOf()).position)).toBe(CHANGES + 2 * MATCHES.length)
  const missing = await world.ask(
    'operator',
    'mutation { pauseFeed(input: { feedId: "9" }) { id } }',
  )
  expect(missing.codes).toEqual(['FEED_NOT_FOUND'])
})
