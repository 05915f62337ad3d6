import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isAnswered } from '../kit/child-process.ts'
import { type ClusterProcesses, FIRST_OPERATOR, makeCluster } from '../kit/cluster-processes.ts'
import { wrong } from '../prove/books-findings.ts'
import { openStore, type Store } from '../prove/books-store.ts'
import { createCaller } from '../prove/kills-caller.ts'
import { writeSeason } from '../prove/kills-season.ts'
import { compareSeen } from '../prove/live-compare.ts'
import { overEventStream, overSocket } from '../prove/live-lines.ts'
import { type Subscriber, startSubscriber } from '../prove/season-subscribers.ts'
import { until } from '../prove/until.ts'

/** A match has ten prices, of which hardly one is the same as before; every one of them is due at once. */
const SEASON = { seed: 5, days: 102, matchesADay: 10, speed: 10_000_000, isWithoutResults: true }
const EVENTS = 10_000

/** A cluster that replays the season; no process runs yet. */
async function makeSeasonCluster(stack: AsyncDisposableStack): Promise<ClusterProcesses> {
  const folder = await mkdtemp(join(tmpdir(), 'cluster-events-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  return stack.use(await makeCluster({ env: await writeSeason(folder, SEASON) }))
}

/** One subscriber at each gateway, by graphql-ws and by server-sent events. */
function subscribeAtEach(stack: AsyncDisposableStack, { gateways }: ClusterProcesses) {
  return gateways.map((gateway, index) => {
    const url = `${gateway.url}/graphql`
    const { token } = stack.use(createCaller(url, FIRST_OPERATOR))
    const follow = index === 0 ? overSocket : overEventStream
    const subscriber = startSubscriber(follow, { name: `at gateway ${index + 1}`, url, token })
    return stack.adopt(subscriber, ({ stop }) => stop())
  })
}

/** The events of all prices, once the season is over; null before. */
async function storedIds(store: Store): Promise<string[] | null> {
  const runs = await store.ask('analytics', `select id from feed_runs where status = 'finished'`)
  if (runs.length === 0) return null
  const rows = await store.ask(
    'analytics',
    `select json_unquote(json_extract(payload, '$.id')) as id from events
      where topic = 'odds' order by seq`,
  )
  return rows.map(({ id }) => String(id))
}

async function untilAllSeen(store: Store, subscribers: readonly Subscriber[]): Promise<string[]> {
  let stored: string[] | null = null
  await until('the season is over and both have seen all of it', async () => {
    stored ??= await storedIds(store)
    const count = stored?.length ?? Number.POSITIVE_INFINITY
    return subscribers.every(({ seen }) => seen.length >= count)
  })
  return stored ?? []
}

test('ten thousand events come once and in order to a subscriber at each of two gateways', {
  timeout: 600_000,
}, async () => {
  await using stack = new AsyncDisposableStack()
  const cluster = await makeSeasonCluster(stack)
  const { analytics, ...others } = cluster.services
  const first = [...Object.values(others), ...cluster.gateways]
  await Promise.all(first.map((program) => program.start()))
  // They are there before the service that publishes, so that what they get is live.
  const subscribers = subscribeAtEach(stack, cluster)
  await analytics.start()
  await until('its tables are there', () => isAnswered(`${analytics.url}/ready`))
  const urls = cluster.databaseUrls
  await using store = await openStore({ engine: 'MariaDB', urls }, ['analytics'])
  const stored = await untilAllSeen(store, subscribers)
  // What came twice would have come by now: a service that stops tells its streams all it has.
  await analytics.stop()
  const compared = subscribers.map(({ name, seen }) => {
    return { name, stored, seen: seen.map(({ id }) => id) }
  })
  expect(stored.length).toBeGreaterThanOrEqual(EVENTS)
  expect(wrong(compareSeen('events', compared))).toEqual([])
})
