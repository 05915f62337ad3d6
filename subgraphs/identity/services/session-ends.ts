import type { FilterQuery } from '@mikro-orm/core'
import { updateWhere } from '#kernel/db/conditional-writes.ts'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import { RefreshFamily } from '../entities/refresh-family.ts'
import { Session } from '../entities/session.ts'

/** Sessions ended by one statement; the loop takes the rest. */
const AT_ONCE = 500

function findLive(tx: SqlEntityManager, where: FilterQuery<Session>, afterId: string | null) {
  const beyond = afterId === null ? {} : { id: { $gt: afterId } }
  return tx.find(
    Session,
    { $and: [where, { endedAt: null }, beyond] },
    { limit: AT_ONCE, orderBy: { id: 'asc' }, disableIdentityMap: true },
  )
}

/**
 * Ends the sessions that meet a condition, within the reach of `tx`, with their refresh tokens.
 * @returns the sessions that were live
 */
export async function endSessions(
  tx: SqlEntityManager,
  where: FilterQuery<Session>,
  { reason, now }: { reason: string; now: Date },
): Promise<string[]> {
  const ended: string[] = []
  for (;;) {
    // On by id: a session that another transaction ends meanwhile would be found for ever.
    const ids = (await findLive(tx, where, ended.at(-1) ?? null)).map(({ id }) => id)
    if (ids.length === 0) return ended
    await updateWhere(tx, Session, {
      where: { id: { $in: ids }, endedAt: null },
      set: { endedAt: now, endReason: reason },
    })
    await updateWhere(tx, RefreshFamily, {
      where: { sessionId: { $in: ids }, revokedAt: null },
      set: { revokedAt: now },
    })
    ended.push(...ids)
  }
}

/** The revocations that tell the gateways of ended sessions. */
export const revokesSessions = (ids: readonly string[]) =>
  ids.map((id) => ({ kind: 'session' as const, id }))
