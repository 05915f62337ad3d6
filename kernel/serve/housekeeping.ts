import { createInbox } from '../audit/inbox.ts'
import type { Relay } from '../audit/relay.ts'
import { EventRow } from '../events/event-row.ts'
import { EventTopic } from '../events/event-topic.ts'
import type { JobHandlers } from '../jobs/run-job.ts'
import type { Schedule } from '../jobs/schedules.ts'
import type { SubgraphDeps } from '../service/subgraph.ts'

const DAY_MS = 86_400_000

/** How long each table of the kernel remembers; what is unsent or unfinished stays whatever its age. */
const KEPT_DAYS = { events: 14, outbox: 7, inbox: 60, jobs: 30 }

/** Topics read at once: each person with a portfolio has one. */
const TOPICS_AT_ONCE = 100

const KIND = 'kernel.housekeeping'

export type Housekeeping = {
  schedule: Schedule
  handlersOf: (pruneJobs: (endedBefore: Date) => Promise<number>) => JobHandlers
}

/** The nightly job that keeps the kernel's tables from growing without bound. */
export function createHousekeeping(deps: SubgraphDeps, relay: Relay): Housekeeping {
  const { database, events, clock } = deps
  const inbox = createInbox({ clock })
  const before = (days: number) => new Date(clock.now().getTime() - days * DAY_MS)

  /** Those of a page whose history is not empty yet, or was emptied only in part. */
  const withHistory = async (topics: readonly EventTopic[]) => {
    const emptied = topics.filter(({ firstSeq, lastSeq }) => firstSeq > lastSeq)
    const topic = { $in: emptied.map((state) => state.topic) }
    const rows = await database
      .acrossTenants()
      .find(EventRow, { topic }, { fields: ['topic'], limit: TOPICS_AT_ONCE })
    const left = new Set(rows.map((row) => row.topic))
    return topics.filter((state) => state.firstSeq <= state.lastSeq || left.has(state.topic))
  }

  /**
   * Every topic, a page of them at a time. The row of a topic stays, though its history be empty: it
   * holds the epoch and the last sequence, and a topic that began again would let old cursors lie.
   */
  const trimEvents = async (signal: AbortSignal) => {
    for (let after = ''; !signal.aborted; ) {
      const page = { orderBy: { topic: 'asc' }, limit: TOPICS_AT_ONCE } as const
      const topics = await database
        .acrossTenants()
        .find(EventTopic, { topic: { $gt: after } }, page)
      for (const { topic } of await withHistory(topics)) {
        if (signal.aborted) return
        await events.trim(topic, before(KEPT_DAYS.events))
      }
      const last = topics.at(-1)
      if (!last || topics.length < TOPICS_AT_ONCE) return
      after = last.topic
    }
  }

  return {
    schedule: { name: KIND, kind: KIND, cron: '17 3 * * *', timezone: 'UTC' },
    handlersOf: (pruneJobs) => ({
      [KIND]: async ({ signal, progress }) => {
        await trimEvents(signal)
        await progress(1, 4)
        await relay.prune(before(KEPT_DAYS.outbox))
        await progress(2, 4)
        await inbox.prune(database, before(KEPT_DAYS.inbox))
        await progress(3, 4)
        await pruneJobs(before(KEPT_DAYS.jobs))
        await progress(4, 4)
      },
    }),
  }
}
