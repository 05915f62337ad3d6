import { updateWhere } from '#kernel/db/conditional-writes.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { Hold } from '../../entities/hold.ts'
import { analyticsError } from '../../errors.ts'
import type { AnalyticsRequest } from '../request.ts'
import { amountDetails, checkFourEyes, conclude } from './booking.ts'
import { findHold, lockHold } from './hold-access.ts'
import { checkReason } from './inputs.ts'

export type FreezeInput = { holdId: string; reason: string }

type Change = { isFrozen: boolean; action: string }

/** One conditional update; false when the hold is as asked already or has ended. */
async function change(
  tx: SqlEntityManager,
  id: string,
  { isFrozen, reason, at }: { isFrozen: boolean; reason: string; at: Date },
): Promise<boolean> {
  const changed = await updateWhere(tx, Hold, {
    where: { id, status: 'open', frozenAt: isFrozen ? null : { $ne: null } },
    set: { frozenAt: isFrozen ? at : null, frozenReason: reason },
  })
  return changed === 1
}

/** A freeze stands for one reason: another one is refused rather than lost. @throws HOLD_ENDED, HOLD_FROZEN */
function checkAsAsked(
  { status, frozenReason }: Hold,
  { isFrozen, reason }: { isFrozen: boolean; reason: string },
): void {
  if (status !== 'open') throw analyticsError('HOLD_ENDED')
  if (isFrozen && frozenReason !== reason) throw analyticsError('HOLD_FROZEN')
}

async function set(
  request: AnalyticsRequest,
  { holdId, reason: text }: FreezeInput,
  { isFrozen, action }: Change,
): Promise<Hold> {
  const reason = checkReason(text)
  const hold = await findHold(request, holdId)
  const at = request.clock.now()
  return transactional(request.inPlace(hold), async (tx) => {
    if (!isFrozen) await checkFourEyes(request, tx, hold)
    const isChanged = await change(tx, hold.id, { isFrozen, reason, at })
    const standing = await lockHold(tx, hold.id)
    checkAsAsked(standing, { isFrozen, reason })
    if (isChanged) {
      const resource = { type: 'hold', id: hold.id } as const
      const details = { ...amountDetails(hold), reason }
      await conclude(request, tx, { owned: hold, action, resource, details })
    }
    return standing
  })
}

export type Freezes = ReturnType<typeof createFreezes>

/** Holds that nobody may end for now. What is frozen for the same reason, or thawed, already stays as it is. */
export function createFreezes(request: AnalyticsRequest) {
  return {
    /** @throws NOTE_INVALID, CARD_NUMBER_REFUSED, HOLD_NOT_FOUND, HOLD_ENDED, HOLD_FROZEN for another reason */
    freeze: (input: FreezeInput) => set(request, input, { isFrozen: true, action: 'hold.frozen' }),
    /** @throws as `freeze` but HOLD_FROZEN, and FOUR_EYES_REQUIRED */
    thaw: (input: FreezeInput) => set(request, input, { isFrozen: false, action: 'hold.thawed' }),
  }
}
