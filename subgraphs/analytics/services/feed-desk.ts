import { createChildPages } from '#kernel/db/batches.ts'
import { updateWhere } from '#kernel/db/conditional-writes.ts'
import { transactional } from '#kernel/db/database.ts'
import { isDecimalId } from '#kernel/ids.ts'
import { FeedRejection } from '../entities/feed-rejection.ts'
import { FeedRun } from '../entities/feed-run.ts'
import { analyticsError } from '../errors.ts'
import type { AnalyticsRequest } from './request.ts'

/** Runs shown at most: the newest. */
export const MOST_FEEDS = 100

export type FeedDesk = ReturnType<typeof createFeedDesk>

async function setPaused({ viewer, audit, read }: AnalyticsRequest, id: string, isPaused: boolean) {
  if (viewer.reach.kind !== 'platform') throw analyticsError('FEEDS_PLATFORM_ONLY')
  if (!isDecimalId(id)) throw analyticsError('FEED_NOT_FOUND')
  return transactional(read(), async (tx) => {
    const where = { id, isPaused: !isPaused }
    const changed = await updateWhere(tx, FeedRun, { where, set: { isPaused } })
    const run = await tx.findOne(FeedRun, { id })
    if (!run) throw analyticsError('FEED_NOT_FOUND')
    if (changed === 0) return run
    await audit.record(tx, {
      viewer,
      action: isPaused ? 'feed.pause' : 'feed.resume',
      resource: { type: 'feed', id },
      outcome: 'done',
      tenantId: null,
      guildId: null,
      details: { feed: run.feed },
    })
    return run
  })
}

/** The state of the odds feeds, and their switch. */
export function createFeedDesk(request: AnalyticsRequest) {
  const { read } = request
  return {
    list: () =>
      read().find(FeedRun, {}, { orderBy: { startedAt: 'desc', id: 'desc' }, limit: MOST_FEEDS }),
    /** What a feed could not use, oldest first. @throws PAGE_SIZE_INVALID, PAGE_CURSOR_INVALID */
    rejectionsOf: createChildPages(read, FeedRejection, { parent: 'runId' }),
    /** Pausing a paused feed changes nothing. @throws FEEDS_PLATFORM_ONLY, FEED_NOT_FOUND */
    pause: (id: string) => setPaused(request, id, true),
    /** It goes on where it was; what a replay missed is told at once. @throws as `pause` */
    resume: (id: string) => setPaused(request, id, false),
  }
}
