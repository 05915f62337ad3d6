import { createInbox } from '../audit/inbox.ts'
import type { Relay } from '../audit/relay.ts'
import { EventTopic } from '../events/event-topic.ts'
import type { JobHandlers } from '../jobs/run-job.ts'
import type { Schedule } from '../jobs/schedules.ts'
import type { SubgraphDeps } from '../service/subgraph.ts'

const DAY_MS = 86_400_000

/** How long each table of the kernel remembers; what is unsent or unfinished stays whatever its age. */
const KEPT_DAYS = { events: 14, outbox: 7, inbox: 60, jobs: 30 }

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

  const trimEvents = async (signal: AbortSignal) => {
    const topics = await database.acrossTenants().findAll(EventTopic)
    for (const { topic } of topics) {
      if (signal.aborted) return
      await events.trim(topic, before(KEPT_DAYS.events))
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
