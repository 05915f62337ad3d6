import { LockMode } from '@mikro-orm/core'
import { z } from 'zod'
import { serviceViewer } from '#kernel/auth/viewer.ts'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import { isDecimalId } from '#kernel/ids.ts'
import type { Delivery, InboxHandlers } from '#kernel/service/subgraph.ts'
import { ApiKey } from '../entities/api-key.ts'
import { Session } from '../entities/session.ts'
import { TenantStanding } from '../entities/tenant-standing.ts'
import { identityError } from '../errors.ts'
import type { Core } from './core.ts'
import { REMEMBERED_MILLISECONDS } from './revocations.ts'

const TenantPayload = z.object({ tenantId: z.string().refine(isDecimalId) })

/** Rows read between two looks at a table. */
const AT_ONCE = 500

type News = { tenantId: string; isSuspended: boolean; at: Date }

/**
 * Which of these tenants are suspended. `isMinting`, inside a transaction: a suspension waits until
 * the token that is being made is seen by it, or is seen here.
 */
export async function suspendedAmong(
  em: SqlEntityManager,
  tenantIds: readonly string[],
  { isMinting = false }: { isMinting?: boolean } = {},
): Promise<ReadonlySet<string>> {
  if (tenantIds.length === 0) return new Set()
  const where = { tenantId: { $in: [...tenantIds] } }
  const rows = await em.find(TenantStanding, where, {
    lockMode: isMinting ? LockMode.PESSIMISTIC_READ : LockMode.NONE,
  })
  return new Set(rows.flatMap(({ tenantId, isSuspended }) => (isSuspended ? [tenantId] : [])))
}

function parseNews({ payload, at }: Delivery, isSuspended: boolean): News {
  const parsed = TenantPayload.safeParse(payload)
  if (!parsed.success) throw identityError('DELIVERY_INVALID', {}, { cause: parsed.error })
  return { ...parsed.data, isSuspended, at: new Date(at) }
}

/** The users of rows, read page by page. */
async function usersOf(
  readPage: (beyond: object) => Promise<{ id: string; userId: string }[]>,
): Promise<Set<string>> {
  const userIds = new Set<string>()
  for (let afterId: string | null = null; ; ) {
    const rows = await readPage(afterId === null ? {} : { id: { $gt: afterId } })
    for (const { userId } of rows) userIds.add(userId)
    afterId = rows.at(-1)?.id ?? null
    if (rows.length < AT_ONCE) return userIds
  }
}

/** Who may hold a token or a remembered key of the tenant at this moment. */
async function findHolders(tx: SqlEntityManager, tenantId: string, now: Date): Promise<string[]> {
  const page = { orderBy: { id: 'asc' }, limit: AT_ONCE, disableIdentityMap: true } as const
  const since = new Date(now.getTime() - REMEMBERED_MILLISECONDS)
  const live = { tenantId, endedAt: null, lastUsedAt: { $gt: since } }
  const signedIn = await usersOf((beyond) => tx.find(Session, { ...live, ...beyond }, page))
  const keys = { tenantId, revokedAt: null }
  const owners = await usersOf((beyond) => tx.find(ApiKey, { ...keys, ...beyond }, page))
  return [...signedIn.union(owners)]
}

/** Writes the newest news of a tenant. @returns whether its standing changed */
async function remember(tx: SqlEntityManager, news: News): Promise<boolean> {
  const { tenantId, isSuspended, at } = news
  const lock = { lockMode: LockMode.PESSIMISTIC_WRITE }
  const known = await tx.findOne(TenantStanding, { tenantId }, lock)
  if (!known) {
    tx.persist(tx.create(TenantStanding, news))
    await tx.flush()
    return isSuspended
  }
  if (known.at > at) return false
  const isChanged = known.isSuspended !== isSuspended
  Object.assign(known, { isSuspended, at })
  await tx.flush()
  return isChanged
}

/** Keeps `tenant_standings` as tenancy tells it; a suspension ends tokens and keys at once. */
export function createTenantStandingInbox({ changes, clock }: Core): InboxHandlers {
  const tenancy = { serviceName: 'tenancy', reach: { kind: 'platform' }, scopes: [] } as const

  const apply = async (tx: SqlEntityManager, news: News): Promise<void> => {
    if (!(await remember(tx, news))) return
    const { tenantId, isSuspended } = news
    // Named by person, not by session or key: what is given out anew after a restore holds again.
    const holders = isSuspended ? await findHolders(tx, tenantId, clock.now()) : []
    await changes.record(tx, serviceViewer({ ...tenancy, requestId: `tenant-${tenantId}` }), {
      type: isSuspended ? 'tenant.suspended' : 'tenant.restored',
      userId: null,
      place: { tenantId, guildId: null },
      resource: { type: 'tenant', id: tenantId },
      details: { holders: holders.length },
      revokes: holders.map((id) => ({ kind: 'user', id })),
    })
  }

  return {
    'tenant.suspended': (tx, delivery) => apply(tx, parseNews(delivery, true)),
    'tenant.restored': (tx, delivery) => apply(tx, parseNews(delivery, false)),
  }
}
