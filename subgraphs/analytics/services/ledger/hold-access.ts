import { LockMode } from '@mikro-orm/core'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import { forkInside } from '#kernel/db/fork-inside.ts'
import { isDecimalId } from '#kernel/ids.ts'
import { Hold } from '../../entities/hold.ts'
import { analyticsError } from '../../errors.ts'
import type { AnalyticsRequest } from '../request.ts'

/** A hold within reach. @throws HOLD_NOT_FOUND */
export async function findHold({ read }: AnalyticsRequest, id: string): Promise<Hold> {
  const hold = isDecimalId(id) ? await read().findOne(Hold, { id }) : null
  if (!hold) throw analyticsError('HOLD_NOT_FOUND')
  return hold
}

/** The owner takes a withdrawal of their own back, which books nothing to anybody else. */
export const isOwnWithdrawal = ({ viewer }: AnalyticsRequest, hold: Hold): boolean =>
  viewer.userId === hold.userId && hold.purpose === 'withdrawal'

/**
 * As `findHold`, for who may release it: whoever books for others, and owners of a withdrawal.
 * @throws HOLD_NOT_FOUND, HOLD_RELEASE_REFUSED
 */
export async function findReleasable(request: AnalyticsRequest, id: string): Promise<Hold> {
  const hold = await findHold(request, id)
  const { scopes, userId } = request.viewer
  if (scopes.includes('money:write')) return hold
  if (userId === null || hold.userId !== userId) throw analyticsError('HOLD_NOT_FOUND')
  if (!isOwnWithdrawal(request, hold)) throw analyticsError('HOLD_RELEASE_REFUSED')
  return hold
}

/** The hold as it stands now, past what this transaction has seen, locked until commit. */
export const lockHold = (tx: SqlEntityManager, id: string): Promise<Hold> =>
  forkInside(tx).findOneOrFail(Hold, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE })

/** Why a hold could not be changed. */
export async function refusalOf(tx: SqlEntityManager, id: string): Promise<Error> {
  const { status } = await lockHold(tx, id)
  return analyticsError(status === 'open' ? 'HOLD_FROZEN' : 'HOLD_ENDED')
}
