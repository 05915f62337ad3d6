import { expect, test } from 'vitest'
import { createOutbox } from '#kernel/audit/outbox.ts'
import { createManualClock } from '#kernel/clock.ts'
import { createEvents } from '#kernel/events/events.ts'
import { createRingFront } from '#kernel/events/ring-front.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { CurrentPrice } from '#subgraphs/analytics/entities/current-price.ts'
import { Fixture } from '#subgraphs/analytics/entities/fixture.ts'
import { Market } from '#subgraphs/analytics/entities/market.ts'
import { OddsQuote } from '#subgraphs/analytics/entities/odds-quote.ts'
import { Selection } from '#subgraphs/analytics/entities/selection.ts'
import type { FeedSource } from '#subgraphs/analytics/services/feeds/feed.ts'
import { createSimulator } from '#subgraphs/analytics/services/feeds/simulator.ts'
import { systemSleep } from '#subgraphs/analytics/services/feeds/sleep.ts'
import { createOddsFeed } from '#subgraphs/analytics/services/odds-feed.ts'
import { createRetention } from '#subgraphs/analytics/services/retention.ts'
import { TEST_CURSORS } from '../../kit/cursors.ts'
import { silentLog } from '../../kit/database.ts'
import { openAnalytics } from './analytics-kit.ts'
import { toldOdds } from './ingestion-kit.ts'

const startsAt = new Date('2026-01-01T00:00:00Z')
const twoRounds = () =>
  createSimulator({ seed: 1, startsAt, tickMs: 1_000, requotes: 1, rounds: 2 })

test('invented matches and live events are forgotten after a day, real matches never', async () => {
  await using world = await openAnalytics()
  const { database } = world
  const clock = createManualClock(startsAt)
  const shared = { database, clock, log: silentLog }
  const events = createEvents({
    cursors: TEST_CURSORS,
    ...shared,
    front: createRingFront(),
    randomness: systemRandomness,
  })
  const real: FeedSource = {
    ...twoRounds(),
    name: 'real',
    isSimulated: false,
    events: eventsOf('real'),
  }
  const feeds = [twoRounds(), real].map((source) => ({
    source,
    identify: source.identify,
    play: () => source,
  }))
  const outbox = createOutbox({ clock, randomness: systemRandomness })
  const deps = {
    ...shared,
    events,
    outbox,
    feeds,
    sleep: systemSleep,
    randomness: systemRandomness,
  }
  await createOddsFeed(deps).start().ended
  const counts = () =>
    Promise.all(
      [Fixture, Market, Selection, OddsQuote, CurrentPrice].map((entity) =>
        database.acrossTenants().count(entity as typeof Fixture, {}),
      ),
    )
  const forget = () =>
    createRetention({ database, events, clock })['analytics.forget']?.({
      ...{ payload: {}, attempt: 1, progress: async () => {} },
      signal: new AbortController().signal,
    })
  const all = await counts()
  await forget()
  expect(await counts()).toEqual(all)
  clock.advance(2 * 86_400_000)
  await forget()
  expect(await counts()).toEqual(all.map((count) => count / 2))
  expect(await database.acrossTenants().count(Fixture, { isSimulated: true })).toBe(0)
  expect((await toldOdds(database)).sequences).toEqual([])
  await events.close()
})

/** The same matches under the name of another feed. */
function eventsOf(name: string): FeedSource['events'] {
  return async function* (request) {
    for await (const event of twoRounds().events(request)) {
      if (event.kind === 'rejected') continue
      yield { ...event, fixture: { ...event.fixture, source: name } } as typeof event
    }
  }
}
