import { isDecimalId } from '#kernel/ids.ts'
import { Account } from '../../entities/account.ts'
import { analyticsError } from '../../errors.ts'
import type { AnalyticsRequest } from '../request.ts'
import { readableWithin, selfOf } from '../self.ts'

/** A person's account of kind `player` within reach. @throws ACCOUNT_NOT_FOUND */
export async function findPlayer({ read }: AnalyticsRequest, id: string): Promise<Account> {
  const account = isDecimalId(id) ? await read().findOne(Account, { id, kind: 'player' }) : null
  if (!account) throw analyticsError('ACCOUNT_NOT_FOUND')
  return account
}

/**
 * As `findPlayer`, for who may move its money: the owner, or who books for others.
 * @throws ACCOUNT_NOT_FOUND
 */
export async function findMovable(request: AnalyticsRequest, id: string): Promise<Account> {
  const account = await findPlayer(request, id)
  const { userId, scopes } = request.viewer
  const isOwn = userId !== null && account.userId === userId
  const mayMove = scopes.includes('money:write') || (isOwn && scopes.includes('bets:place'))
  if (!mayMove) throw analyticsError('ACCOUNT_NOT_FOUND')
  return account
}

/** An account as its reader may see it: a person's own wherever it is, others within reach. */
export async function acrossTenantsFindReadable(
  { viewer, acrossTenants, read }: AnalyticsRequest,
  id: string,
): Promise<Account | null> {
  if (!isDecimalId(id)) return null
  const userId = selfOf(viewer)
  const own = userId === null ? null : await acrossTenants().findOne(Account, { id, userId })
  if (own) return own
  const readable = readableWithin(viewer, 'money:read')
  return readable && read().findOne(Account, { id, ...readable })
}
