import { createChildPages } from '#kernel/db/batches.ts'
import { updateWhere } from '#kernel/db/conditional-writes.ts'
import { transactional } from '#kernel/db/database.ts'
import type { Page } from '#kernel/db/keyset-pages.ts'
import { findList, type ListQuery } from '#kernel/db/lists.ts'
import type { Money } from '#kernel/money.ts'
import type { Account } from '../../entities/account.ts'
import { Hold, type HoldPurpose, type HoldStatus } from '../../entities/hold.ts'
import type { Transfer, TransferKind } from '../../entities/transfer.ts'
import { analyticsError } from '../../errors.ts'
import type { AnalyticsRequest } from '../request.ts'
import { isSelf } from '../self.ts'
import { findMovable, findPlayer } from './account-access.ts'
import { amountDetails, checkFourEyes, conclude, walletOf } from './booking.ts'
import { checkNothingOwed, lockBalances } from './debt.ts'
import { findHold, findReleasable, isOwnWithdrawal, refusalOf } from './hold-access.ts'
import { checkAmount, checkCurrency, checkNote, checkReason } from './inputs.ts'
import { type Keyed, type PostLine, post } from './post.ts'
import { bookOnce, toKeyed } from './repeats.ts'

export type HoldInput = {
  accountId: string
  money: Money
  note?: string | null | undefined
  idempotencyKey: string
}

export type HoldEndInput = { holdId: string; idempotencyKey: string }

export type CaptureInput = HoldEndInput & { reason: string }

type Opening = {
  purpose: HoldPurpose
  action: string
  account: Account
  amount: bigint
  note: string | null
  keyed: Keyed
}

function bookHold(request: AnalyticsRequest, opening: Opening): Promise<Transfer> {
  const { purpose, account, amount, note, keyed } = opening
  const { tenantId, guildId, currency, id: accountId } = account
  const { userId } = walletOf(account)
  const at = request.clock.now()
  return transactional(request.inPlace(account), async (tx) => {
    // First: no reversal looks for holds, or makes a debt, between here and the commit.
    const balances = await lockBalances(tx, walletOf(account), at)
    if (purpose === 'review') await checkFourEyes(request, tx, account)
    else checkNothingOwed(balances)
    const hold = tx.create(Hold, {
      ...{ tenantId, guildId, userId, accountId, purpose, amount, currency, note },
      ...{ status: 'open', createdBy: request.viewer.userId, createdAt: at },
    })
    await tx.flush()
    const posted = await post(tx, {
      ...walletOf(account),
      ...keyed,
      ...{ kind: 'hold', holdId: hold.id, note, actorId: request.viewer.userId, at },
      lines: [
        { kind: 'player', amount: -amount },
        { kind: 'held', amount },
      ],
    })
    const resource = { type: 'hold', id: hold.id } as const
    const done = { owned: account, action: opening.action, resource, details: amountDetails(hold) }
    await conclude(request, tx, { ...done, posted })
    return posted.transfer
  })
}

/** The hold that a booking made or ended, as it stands now. */
const holdOf = (request: AnalyticsRequest, transfer: Transfer): Promise<Hold> =>
  request.inPlace(transfer).findOneOrFail(Hold, { id: transfer.holdId ?? null })

type Asking = Pick<Opening, 'purpose' | 'action'> & {
  find: (request: AnalyticsRequest, accountId: string) => Promise<Account>
}

async function open(request: AnalyticsRequest, input: HoldInput, asking: Asking): Promise<Hold> {
  const { amount, currency } = checkAmount(input.money)
  const { accountId, idempotencyKey } = input
  const { purpose, action } = asking
  const note = checkNote(input.note)
  const asked = { accountId, amount, currency, note, idempotencyKey }
  const keyed = toKeyed(request.viewer, action, asked)
  const account = await asking.find(request, accountId)
  checkCurrency(account, input.money)
  const transfer = await bookOnce(request, keyed, () =>
    bookHold(request, { purpose, action, account, amount, note, keyed }),
  )
  return holdOf(request, transfer)
}

type Ending = {
  status: Exclude<HoldStatus, 'open'>
  kind: TransferKind
  action: string
  /** Where the money goes that was held. */
  to: PostLine['kind']
}

const ENDINGS = {
  release: { status: 'released', kind: 'release', action: 'hold.released', to: 'player' },
  capture: { status: 'captured', kind: 'capture', action: 'hold.captured', to: 'adjustments' },
  complete: { status: 'completed', kind: 'withdrawal', action: 'withdrawal.completed', to: 'cash' },
} as const satisfies Readonly<Record<string, Ending>>

/** How a hold ends; `reason` stands on the booking and in the audit record of one that is captured. */
type Ended = { ending: Ending; keyed: Keyed; reason: string | null }

function bookEnd(
  request: AnalyticsRequest,
  hold: Hold,
  { ending, keyed, reason }: Ended,
): Promise<Transfer> {
  const { id, amount } = hold
  const at = request.clock.now()
  return transactional(request.inPlace(hold), async (tx) => {
    const balances = await lockBalances(tx, walletOf(hold), at)
    const isCancelled = ending.kind === 'release' && isOwnWithdrawal(request, hold)
    if (!isCancelled) await checkFourEyes(request, tx, hold)
    const ended = await updateWhere(tx, Hold, {
      where: { id, status: 'open', frozenAt: null },
      set: { status: ending.status, endedAt: at },
    })
    if (ended === 0) throw await refusalOf(tx, id)
    if (ending.kind === 'withdrawal') checkNothingOwed(balances)
    const posted = await post(tx, {
      ...walletOf(hold),
      ...keyed,
      ...{ kind: ending.kind, holdId: id, note: reason, actorId: request.viewer.userId, at },
      lines: [
        { kind: 'held', amount: -amount },
        { kind: ending.to, amount },
      ],
    })
    const resource = { type: 'hold', id } as const
    const details = { ...amountDetails(hold), ...(reason !== null && { reason }) }
    const done = { owned: hold, action: ending.action, resource, details }
    await conclude(request, tx, { ...done, posted })
    return posted.transfer
  })
}

type Finder = (request: AnalyticsRequest, id: string) => Promise<Hold>

/** @throws HOLD_PURPOSE_OTHER, and as `findHold` */
const findWithdrawal: Finder = async (request, id) => {
  const hold = await findHold(request, id)
  if (hold.purpose !== 'withdrawal') throw analyticsError('HOLD_PURPOSE_OTHER')
  return hold
}

async function end(
  request: AnalyticsRequest,
  { holdId, idempotencyKey, reason = null }: HoldEndInput & { reason?: string | null },
  { ending, find }: { ending: Ending; find: Finder },
): Promise<Hold> {
  const asked = { holdId, idempotencyKey, ...(reason !== null && { reason }) }
  const keyed = toKeyed(request.viewer, ending.action, asked)
  const hold = await find(request, holdId)
  const ended = { ending, keyed, reason }
  const transfer = await bookOnce(request, keyed, () => bookEnd(request, hold, ended))
  return holdOf(request, transfer)
}

export type Holds = ReturnType<typeof createHolds>

/** Money set aside, and where it goes from there. */
export function createHolds(request: AnalyticsRequest) {
  const { viewer, read, acrossTenants, readLog } = request
  const note = async (page: Page<Hold>): Promise<Page<Hold>> => {
    const rows = page.edges.map(({ node }) => node)
    await readLog.note(rows, { action: 'holds.read', resourceType: 'hold' })
    return page
  }
  const acrossTenantsOfOwn = createChildPages(acrossTenants, Hold, { parent: 'accountId' })
  const ofOthers = createChildPages(read, Hold, { parent: 'accountId' })
  return {
    /**
     * Sets money aside to be paid out. @throws AMOUNT_INVALID, NOTE_INVALID, CARD_NUMBER_REFUSED,
     * IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_REUSED, ACCOUNT_NOT_FOUND, KERNEL_CURRENCY_INVALID,
     * KERNEL_CURRENCY_MISMATCH, BALANCE_TOO_LOW, DEBT_OPEN
     */
    requestWithdrawal: (input: HoldInput) =>
      open(request, input, {
        ...{ purpose: 'withdrawal', action: 'withdrawal.requested', find: findMovable },
      }),
    /** Sets money aside to be looked into. @throws as above but DEBT_OPEN, and FOUR_EYES_REQUIRED */
    hold: (input: HoldInput) =>
      open(request, input, { purpose: 'review', action: 'money.held', find: findPlayer }),
    /**
     * Gives held money back. @throws HOLD_NOT_FOUND, HOLD_RELEASE_REFUSED, HOLD_FROZEN, HOLD_ENDED,
     * FOUR_EYES_REQUIRED, IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_REUSED
     */
    release: (input: HoldEndInput) =>
      end(request, input, { ending: ENDINGS.release, find: findReleasable }),
    /** Takes held money for good, with a reason. @throws as `release`, NOTE_INVALID, CARD_NUMBER_REFUSED */
    capture: async ({ reason, ...input }: CaptureInput) => {
      const asked = { ...input, reason: checkReason(reason) }
      return end(request, asked, { ending: ENDINGS.capture, find: findHold })
    },
    /** Says that a withdrawal was paid out. @throws as `release`, HOLD_PURPOSE_OTHER, DEBT_OPEN */
    completeWithdrawal: (input: HoldEndInput) =>
      end(request, input, { ending: ENDINGS.complete, find: findWithdrawal }),
    page: async (query: ListQuery<Hold>) => note(await findList(read(), Hold, query)),
    /** Of an account that the viewer may see. */
    ofAccount: async (
      { id, userId }: Account,
      page: Parameters<typeof ofOthers>[1],
    ): Promise<Page<Hold>> => {
      if (isSelf(viewer, userId)) return acrossTenantsOfOwn(id, page)
      return note(await ofOthers(id, page))
    },
  }
}
