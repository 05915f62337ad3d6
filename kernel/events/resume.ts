import { isDomainError } from '../errors.ts'
import type { FeedCursors } from './cursor.ts'
import { eventsError } from './errors.ts'
import type { TopicState } from './event-table.ts'

/** In place of a cursor: from the oldest event that the history holds. */
export const FROM_BEGINNING = 'beginning'

/** Where to go on: after a cursor; with `orLive` from now on where the history no longer reaches back to it. */
export type Resume = string | { readonly after: string; readonly orLive: true }

/** The sequence after which a stream begins, and what its first event says of the way there. */
export type Beginning = { afterSeq: number; recovered: boolean | null }

type Known = { cursors: FeedCursors; state: TopicState | null }

/** @throws CURSOR_EXPIRED, CURSOR_FOREIGN, CURSOR_INVALID */
function placeOf({ cursors, state }: Known, cursor: string): number {
  const { epoch, seq } = cursors.decode(cursor)
  // Ahead of the feed is what was given out before its database was restored.
  const isHeld = state?.epoch === epoch && seq >= state.firstSeq - 1 && seq <= state.lastSeq
  if (!isHeld) throw eventsError('CURSOR_EXPIRED')
  return seq
}

function isExpired(failure: unknown): boolean {
  return isDomainError(failure) && failure.code === 'CURSOR_EXPIRED'
}

/** Where a subscriber begins. @throws CURSOR_EXPIRED, CURSOR_FOREIGN, CURSOR_INVALID */
export function beginningOf(known: Known, resume: Resume | null | undefined): Beginning {
  const { state } = known
  const now = state?.lastSeq ?? 0
  if (resume == null) return { afterSeq: now, recovered: null }
  const cursor = typeof resume === 'string' ? resume : resume.after
  if (cursor === FROM_BEGINNING) return { afterSeq: (state?.firstSeq ?? 1) - 1, recovered: null }
  if (typeof resume === 'string') return { afterSeq: placeOf(known, cursor), recovered: null }
  try {
    return { afterSeq: placeOf(known, cursor), recovered: true }
  } catch (failure) {
    if (!isExpired(failure)) throw failure
    return { afterSeq: now, recovered: false }
  }
}
