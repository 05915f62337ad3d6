import { analyticsError } from '../../errors.ts'
import type { FeedDraft, FeedEvent, FeedRequest } from './feed.ts'

/** The last position already taken. @throws FEED_POSITION_INVALID unless it is a whole number from 0. */
export function positionAfter({ after = 0 }: FeedRequest): number {
  if (!Number.isSafeInteger(after) || after < 0) throw analyticsError('FEED_POSITION_INVALID')
  return after
}

/** Gives each draft its place from 1, skips what was already taken, and stops when the signal aborts. */
export function* numbered(drafts: Iterable<FeedDraft>, request: FeedRequest): Generator<FeedEvent> {
  const after = positionAfter(request)
  let position = 0
  for (const draft of drafts) {
    if (request.signal.aborted) return
    position += 1
    if (position > after) yield { ...draft, position }
  }
}
