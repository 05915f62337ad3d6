import { createGroupBatch, createRowBatch } from '#kernel/db/batches.ts'
import { transactional } from '#kernel/db/database.ts'
import { GuildPlace } from '#kernel/guilds/guild-place.ts'
import type { Money } from '#kernel/money.ts'
import type { Account } from '../../entities/account.ts'
import { LedgerEntry } from '../../entities/ledger-entry.ts'
import { Transfer } from '../../entities/transfer.ts'
import { analyticsError } from '../../errors.ts'
import type { Clearance } from '../clearance.ts'
import type { AnalyticsRequest } from '../request.ts'
import { findPlayer } from './account-access.ts'
import { amountDetails, checkFourEyes, conclude, placeOf, walletOf } from './booking.ts'
import { checkAmount, checkCurrency, checkNote, checkReason, checkSignedAmount } from './inputs.ts'
import { type Keyed, post } from './post.ts'
import { bookOnce, toKeyed } from './repeats.ts'

export type DepositInput = {
  accountId: string
  money: Money
  note?: string | null | undefined
  idempotencyKey: string
}

export type AdjustmentInput = Omit<DepositInput, 'note'> & { reason: string }

type Booking = { account: Account; amount: bigint; note: string | null; keyed: Keyed }

const detailsOf = ({ account, amount }: Pick<Booking, 'account' | 'amount'>) =>
  amountDetails({ accountId: account.id, amount, currency: account.currency })

function bookDeposit(
  request: AnalyticsRequest,
  booking: Booking,
  clearance: Clearance,
): Promise<Transfer> {
  const { account, amount, note, keyed } = booking
  return transactional(request.inPlace(account), async (tx) => {
    await checkFourEyes(request, tx, account)
    const posted = await post(tx, {
      ...walletOf(account),
      ...keyed,
      ...{ kind: 'deposit', note, actorId: request.viewer.userId, at: request.clock.now() },
      lines: [
        { kind: 'player', amount },
        { kind: 'cash', amount: -amount },
      ],
    })
    const resource = { type: 'transfer', id: posted.transfer.id } as const
    const details = detailsOf(booking)
    const done = { owned: account, action: 'money.deposited', resource, details }
    await conclude(request, tx, { ...done, posted, clearance })
    return posted.transfer
  })
}

/** Guilds that left their tenant take no more money in. @throws ACCOUNT_GUILD_FOREIGN */
async function checkGuildStands(request: AnalyticsRequest, account: Account): Promise<void> {
  const place = await request.inPlace(account).findOne(GuildPlace, placeOf(account))
  if (!place) throw analyticsError('ACCOUNT_GUILD_FOREIGN')
}

async function deposit(request: AnalyticsRequest, input: DepositInput): Promise<Transfer> {
  const { amount, currency } = checkAmount(input.money)
  const { accountId, idempotencyKey } = input
  const note = checkNote(input.note)
  const asked = { accountId, amount, currency, note, idempotencyKey }
  const keyed = toKeyed(request.viewer, 'deposit', asked)
  const account = await findPlayer(request, accountId)
  checkCurrency(account, input.money)
  await checkFourEyes(request, request.inPlace(account), account)
  const { userId } = walletOf(account)
  return bookOnce(request, keyed, async () => {
    await checkGuildStands(request, account)
    const facts = { kind: 'deposit', userId, ...placeOf(account), amount, currency } as const
    return request.clearance.cleared(facts, (clearance) =>
      bookDeposit(request, { account, amount, note, keyed }, clearance),
    )
  })
}

async function adjust(request: AnalyticsRequest, input: AdjustmentInput): Promise<Transfer> {
  const { amount, currency } = checkSignedAmount(input.money)
  const { accountId, idempotencyKey } = input
  const note = checkReason(input.reason)
  const asked = { accountId, amount, currency, note, idempotencyKey }
  const keyed = toKeyed(request.viewer, 'adjust', asked)
  const account = await findPlayer(request, accountId)
  checkCurrency(account, input.money)
  const book = () =>
    transactional(request.inPlace(account), async (tx) => {
      await checkFourEyes(request, tx, account)
      const posted = await post(tx, {
        ...walletOf(account),
        ...keyed,
        ...{ kind: 'adjustment', note, actorId: request.viewer.userId, at: request.clock.now() },
        lines: [
          { kind: 'player', amount },
          { kind: 'adjustments', amount: -amount },
        ],
      })
      const resource = { type: 'transfer', id: posted.transfer.id } as const
      const details = { ...detailsOf({ account, amount }), reason: note }
      const done = { owned: account, action: 'money.adjusted', resource, details }
      await conclude(request, tx, { ...done, posted })
      return posted.transfer
    })
  return bookOnce(request, keyed, book)
}

export type Transfers = ReturnType<typeof createTransfers>

/** Money that comes in, and corrections by hand. */
export function createTransfers(request: AnalyticsRequest) {
  const { acrossTenants, read } = request
  const acrossTenantsById = createRowBatch(
    (ids) => acrossTenants().find(Transfer, { id: { $in: [...ids] } }),
    ({ id }) => id,
  )
  return {
    /**
     * Money from outside, after compliance's yes. @throws AMOUNT_INVALID, NOTE_INVALID,
     * CARD_NUMBER_REFUSED, IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_REUSED, ACCOUNT_NOT_FOUND,
     * ACCOUNT_GUILD_FOREIGN, KERNEL_CURRENCY_INVALID, KERNEL_CURRENCY_MISMATCH, FOUR_EYES_REQUIRED,
     * COMPLIANCE_REFUSED, COMPLIANCE_UNAVAILABLE, BALANCE_TOO_HIGH
     */
    deposit: (input: DepositInput) => deposit(request, input),
    /** More or less by hand, with a reason. @throws as `deposit`, and BALANCE_TOO_LOW */
    adjust: (input: AdjustmentInput) => adjust(request, input),
    /** The transfer of an entry that the viewer may see. */
    acrossTenantsOfEntry: (id: string) => acrossTenantsById(id),
    /** All its entries, the house's too, within reach. */
    entriesOf: createGroupBatch(
      (ids) =>
        read().find(LedgerEntry, { transferId: { $in: [...ids] } }, { orderBy: { id: 'asc' } }),
      ({ transferId }) => transferId,
    ),
  }
}
