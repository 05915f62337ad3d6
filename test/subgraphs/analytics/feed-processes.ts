import { createOutbox } from '#kernel/audit/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Database } from '#kernel/db/database.ts'
import { createEvents } from '#kernel/events/events.ts'
import { createRingFront } from '#kernel/events/ring-front.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { createLog } from '#kernel/log.ts'
import type { FeedDraft, FeedSource } from '#subgraphs/analytics/services/feeds/feed.ts'
import { systemSleep } from '#subgraphs/analytics/services/feeds/sleep.ts'
import { createOddsFeed } from '#subgraphs/analytics/services/odds-feed.ts'
import { TEST_CURSORS } from '../../kit/cursors.ts'

const AT = new Date('2026-01-01T00:00:00Z')
const KEY = { source: 'live', externalId: 'one' }
/** A pause of the feeds, milliseconds. */
const SHORT_MS = 5

export const GAME: FeedDraft = {
  kind: 'fixture',
  fixture: { ...KEY, competition: 'E0', season: null, home: 'A', away: 'B', startsAt: AT },
  at: AT,
}
export const quoteOf = (odds: number): FeedDraft => ({
  ...{ kind: 'quote', fixture: KEY, market: { type: 'match_result', line: null } },
  ...{ selection: 'home', side: 'back', source: 'house', odds, at: AT },
})

/** A provider that says what a test says, to whoever asks; it counts on after the position it is given. */
function createProvider() {
  const told: FeedDraft[] = []
  let wake = Promise.withResolvers<void>()
  let asked = 0
  const source: FeedSource = {
    ...{ name: 'live', isSimulated: false, isEndless: true, timing: 'live' },
    identify: async () => 'live',
    events: async function* ({ after = 0, signal }) {
      asked += 1
      signal.addEventListener('abort', () => wake.resolve())
      for (let position = after; !signal.aborted; ) {
        const draft = told.shift()
        if (draft) yield { ...draft, position: ++position }
        else await wake.promise
        if (told.length === 0) wake = Promise.withResolvers<void>()
      }
    },
  }
  return {
    source,
    asked: () => asked,
    tell: (...drafts: FeedDraft[]) => {
      told.push(...drafts)
      wake.resolve()
    },
  }
}

/** One process that takes a live feed in. */
export function startProcess({ database, clock }: { database: Database; clock: Clock }) {
  const logged: string[] = []
  const log = createLog({
    ...{ level: 'info', name: 'test' },
    destination: { write: (line) => void logged.push(line) },
  })
  const shared = { database, clock, log, randomness: systemRandomness }
  const events = createEvents({ ...shared, front: createRingFront(), cursors: TEST_CURSORS })
  const provider = createProvider()
  const { source } = provider
  let [isFrozen, looks] = [false, 0]
  const running = createOddsFeed({
    ...{ ...shared, events, outbox: createOutbox(shared) },
    feeds: [{ source, identify: source.identify, play: () => source }],
    sleep: async (_milliseconds, signal) => {
      looks += 1
      do await systemSleep(SHORT_MS, signal)
      while (isFrozen && !signal.aborted)
    },
  }).start()
  return {
    ...provider,
    /** Pauses that it made: between looks, and between renewals. */
    looks: () => looks,
    /** Times that it began to stand by. */
    standsBy: () => logged.filter((line) => line.includes('taken in elsewhere')).length,
    /** It renews nothing and looks for nothing any more, as if it were killed; what it began it may end. */
    freeze: () => {
      isFrozen = true
    },
    thaw: () => {
      isFrozen = false
    },
    stop: running.stop,
    [Symbol.asyncDispose]: async () => {
      await running.stop()
      await events.close()
    },
  }
}
