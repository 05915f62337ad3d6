import { createOutbox } from '#kernel/audit/outbox.ts'
import { systemClock } from '#kernel/clock.ts'
import type { Database } from '#kernel/db/database.ts'
import { createEvents } from '#kernel/events/events.ts'
import { createRingFront } from '#kernel/events/ring-front.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { createFeedRuns } from '#subgraphs/analytics/services/feed-runs.ts'
import type {
  FeedDraft,
  FeedSource,
  MarketType,
  Selection,
} from '#subgraphs/analytics/services/feeds/feed.ts'
import { createFeedMemory } from '#subgraphs/analytics/services/ingestion/feed-memory.ts'
import { storeBatch } from '#subgraphs/analytics/services/ingestion/store-batch.ts'
import { TEST_CURSORS } from '../../../../kit/cursors.ts'
import { silentLog } from '../../../../kit/database.ts'

const SOURCE = 'scripted'
const HOUR_MS = 3_600_000

const feed: FeedSource = {
  ...{ name: SOURCE, isSimulated: false, isEndless: true, timing: 'live' },
  identify: async () => SOURCE,
  events: async function* () {},
}

const keyOf = (name: string) => ({ source: SOURCE, externalId: name })

/** A game that begins in so many hours; below 0 it has begun. */
export const game = (name: string, startsInHours = 24): FeedDraft => ({
  kind: 'fixture',
  fixture: {
    ...keyOf(name),
    ...{ competition: 'E0', season: null, home: `${name} home`, away: `${name} away` },
    startsAt: new Date(systemClock.now().getTime() + startsInHours * HOUR_MS),
  },
  at: systemClock.now(),
})

/** `one/match_result/0/home`: a selection by words; the line is in thousandths. */
export type Choice = `${string}/${MarketType}/${number}/${Selection}`

const partsOf = (choice: Choice) => {
  const [name = '', type, line = '0', selection] = choice.split('/')
  return { name, type: type as MarketType, line: Number(line), selection: selection as Selection }
}

/** A price in thousandths. */
export function price(choice: Choice, odds: number, source = 'house'): FeedDraft {
  const { name, type, line, selection } = partsOf(choice)
  return {
    ...{ kind: 'quote', fixture: keyOf(name), selection, side: 'back', source, odds },
    market: { type, line: line === 0 ? null : line },
    at: systemClock.now(),
  }
}

export const result = (name: string, homeGoals: number, awayGoals: number): FeedDraft => ({
  ...{ kind: 'result', fixture: keyOf(name), homeGoals, awayGoals },
  at: systemClock.now(),
})

/** A feed that tells what a test says, stored as feeds are. */
export async function openScriptedFeed(database: Database) {
  const shared = { database, clock: systemClock, randomness: systemRandomness, log: silentLog }
  const events = createEvents({ ...shared, front: createRingFront(), cursors: TEST_CURSORS })
  const outbox = createOutbox(shared)
  const run = await createFeedRuns(shared).open(feed, SOURCE)
  const facts = { timing: 'stated', isReplayed: false, isSimulated: false } as const
  const intake = { runId: run.id, position: 0, facts, memory: createFeedMemory() }
  return {
    events,
    runId: run.id,
    tell: async (...drafts: FeedDraft[]): Promise<void> => {
      const batch = drafts.map((draft, index) => ({
        ...draft,
        position: intake.position + index + 1,
      }))
      intake.position = await storeBatch(
        { database, events, outbox, clock: systemClock },
        intake,
        batch,
      )
    },
  }
}
