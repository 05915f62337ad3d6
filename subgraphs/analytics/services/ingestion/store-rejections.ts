import { deleteWhere } from '#kernel/db/conditional-writes.ts'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import { FeedRejection } from '../../entities/feed-rejection.ts'
import type { FeedRejected } from '../feeds/feed.ts'

/** Rejections kept of each run: the newest. */
export const MOST_REJECTIONS = 1_000

const LONGEST_REASON = 100

export type NewRejection = Pick<FeedRejected, 'code' | 'line' | 'reason' | 'at'>

/** Stores what a feed could not use and forgets the oldest beyond the bound. */
export async function storeRejections(
  tx: SqlEntityManager,
  rejections: readonly NewRejection[],
  { runId, now }: { runId: string; now: Date },
): Promise<void> {
  if (rejections.length === 0) return
  for (const { code, line, reason, at } of rejections) {
    const facts = { runId, code, line, reason: reason.slice(0, LONGEST_REASON), at: at ?? now }
    tx.persist(tx.create(FeedRejection, facts))
  }
  await tx.flush()
  const [newestBeyond] = await tx.find(
    FeedRejection,
    { runId },
    { orderBy: { id: 'desc' }, limit: 1, offset: MOST_REJECTIONS },
  )
  if (!newestBeyond) return
  await deleteWhere(tx, FeedRejection, { runId, id: { $lte: newestBeyond.id } })
}
