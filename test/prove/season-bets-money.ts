import {
  type Asked,
  amountUpTo,
  CARD,
  clearanceCode,
  type Data,
  isOneIn,
  oneOf,
  type Table,
  toMoney,
} from './season-bets-asked.ts'
import type { Hold, Wallet } from './season-bets-book.ts'
import { bookingPlayer, cashierOf, officerOf, playerOf, strangerTo } from './season-bets-people.ts'

const foreign = ({ currency }: Wallet) => (currency === 'EUR' ? 'USD' : 'EUR')

type Fault = { input?: Data; code: string; details?: Data }

/** One thing wrong with a booking. */
function faultOf({ chance }: Table, wallet: Wallet, noted: string): Fault {
  const { currency } = wallet
  const faults: readonly Fault[] = [
    { input: { money: toMoney(0n, currency) }, code: 'AMOUNT_INVALID' },
    { input: { money: toMoney(10n ** 15n + 1n, currency) }, code: 'AMOUNT_INVALID' },
    { input: { money: toMoney(500n, foreign(wallet)) }, code: 'KERNEL_CURRENCY_MISMATCH' },
    { input: { money: toMoney(500n, 'euro') }, code: 'KERNEL_CURRENCY_INVALID' },
    { input: { [noted]: CARD }, code: 'CARD_NUMBER_REFUSED' },
    { input: { [noted]: 'x'.repeat(201) }, code: 'NOTE_INVALID' },
    { input: { accountId: '999999' }, code: 'ACCOUNT_NOT_FOUND' },
    { input: { idempotencyKey: 'short' }, code: 'IDEMPOTENCY_KEY_INVALID' },
  ]
  return oneOf(chance, faults) as Fault
}

function withFault(table: Table, asked: Asked, noted: string): Asked {
  const { apply: _apply, ...rest } = asked
  const { input, code } = faultOf(table, asked.wallet, noted)
  return { ...rest, code, input: { ...asked.input, ...input } }
}

/** Mostly the cashier, sometimes one of another tenant, or the player who may book for others. */
function bookerOf({ chance }: Table, { guild, userId }: Wallet) {
  if (isOneIn(chance, 40)) return { asker: strangerTo(guild), code: 'ACCOUNT_NOT_FOUND' }
  if (!isOneIn(chance, 25)) return { asker: cashierOf(guild), code: null }
  const code = guild.isStrict ? 'FOUR_EYES_REQUIRED' : null
  return { asker: bookingPlayer(guild, userId), code }
}

export function makeDeposit(table: Table, wallet: Wallet): Asked {
  const { chance, book, newKey } = table
  const { currency, accountId } = wallet
  const amount = amountUpTo(chance, isOneIn(chance, 50) ? 2_000_000n : 40_000n)
  const { asker, code } = bookerOf(table, wallet)
  const note = oneOf(chance, [null, 'by bank', ' season ticket '])
  const asked: Asked = {
    ...{ act: 'deposit', asker, wallet },
    input: { accountId, money: toMoney(amount, currency), note, idempotencyKey: newKey() },
    code: code ?? clearanceCode(amount),
    apply: () => book.deposit(wallet, amount),
  }
  return code === null && isOneIn(chance, 10) ? withFault(table, asked, 'note') : asked
}

export function makeAdjustment(table: Table, wallet: Wallet): Asked {
  const { chance, book, newKey } = table
  const { currency, accountId, player } = wallet
  const size = amountUpTo(chance, 8_000n)
  const amount = isOneIn(chance, 2) ? size : -size
  const { asker, code } = bookerOf(table, wallet)
  const money = toMoney(amount, currency)
  const asked: Asked = {
    ...{ act: 'adjustBalance', asker, wallet },
    input: { accountId, money, reason: 'a correction', idempotencyKey: newKey() },
    code: code ?? (player + amount < 0n ? 'BALANCE_TOO_LOW' : null),
    apply: () => book.adjust(wallet, amount),
  }
  return code === null && isOneIn(chance, 8) ? withFault(table, asked, 'reason') : asked
}

function setAside(table: Table, wallet: Wallet, purpose: Hold['purpose']): Asked {
  const { chance, book, newKey } = table
  const { currency, accountId, player, guild, userId } = wallet
  const amount = amountUpTo(chance, isOneIn(chance, 6) ? player * 2n + 5n : player / 3n + 5n)
  const booker = bookerOf(table, wallet)
  const owner = { asker: playerOf(guild, userId), code: null }
  const { asker, code } = purpose === 'review' || isOneIn(chance, 5) ? booker : owner
  // Asking for one's own withdrawal books nothing to anybody else.
  const refused = purpose === 'withdrawal' && code === 'FOUR_EYES_REQUIRED' ? null : code
  const owed = purpose === 'withdrawal' && wallet.debt < 0n ? 'DEBT_OPEN' : null
  const asked: Asked = {
    act: purpose === 'review' ? 'holdFunds' : 'requestWithdrawal',
    ...{ asker, wallet },
    input: { accountId, money: toMoney(amount, currency), idempotencyKey: newKey() },
    code: refused ?? owed ?? (amount > player ? 'BALANCE_TOO_LOW' : null),
    answer: { status: 'OPEN', isFrozen: false, money: { amount: String(amount) } },
    apply: ({ id }) => book.hold(wallet, { id: String(id), purpose, amount }),
  }
  return code === null && isOneIn(chance, 10) ? withFault(table, asked, 'note') : asked
}

export const makeWithdrawal = (table: Table, wallet: Wallet) =>
  setAside(table, wallet, 'withdrawal')
export const makeReview = (table: Table, wallet: Wallet) => setAside(table, wallet, 'review')

const recent = ({ chance }: Table, { holds }: Wallet): Hold | null => {
  const open = holds.filter(({ status }) => status === 'open')
  return isOneIn(chance, 7) ? oneOf(chance, holds.slice(-6)) : oneOf(chance, open)
}

const ENDINGS = [
  ['completeWithdrawal', 'completed'],
  ['captureHold', 'captured'],
  ['releaseHold', 'released'],
] as const

function refusalOf(hold: Hold, act: string, isOwner: boolean): string | null {
  if (act === 'completeWithdrawal' && hold.purpose === 'review') return 'HOLD_PURPOSE_OTHER'
  if (isOwner && hold.purpose === 'review') return 'HOLD_RELEASE_REFUSED'
  if (hold.status !== 'open') return 'HOLD_ENDED'
  if (hold.isFrozen) return 'HOLD_FROZEN'
  return act === 'completeWithdrawal' && hold.wallet.debt < 0n ? 'DEBT_OPEN' : null
}

export function makeHoldEnd(table: Table, wallet: Wallet): Asked | null {
  const { chance, book, newKey } = table
  const hold = recent(table, wallet)
  if (!hold) return null
  const { guild, userId } = wallet
  const [act, status] = oneOf(chance, ENDINGS) ?? ENDINGS[0]
  const isOwner = act === 'releaseHold' && isOneIn(chance, 2)
  const reason = act === 'captureHold' ? { reason: 'was looked into' } : {}
  return {
    ...{ act, wallet, asker: isOwner ? playerOf(guild, userId) : cashierOf(guild) },
    input: { holdId: hold.id, idempotencyKey: newKey(), ...reason },
    code: refusalOf(hold, act, isOwner),
    answer: { id: hold.id, status: status.toUpperCase() },
    apply: () => book.endHold(hold, status),
  }
}

export function makeFreeze(table: Table, wallet: Wallet): Asked | null {
  const { chance } = table
  const hold = recent(table, wallet)
  if (!hold) return null
  const isFrozen = isOneIn(chance, 2)
  const isNoted = isOneIn(chance, 15)
  const ended = hold.status === 'open' ? null : 'HOLD_ENDED'
  return {
    ...{ act: isFrozen ? 'freezeHold' : 'thawHold', wallet, asker: officerOf(wallet.guild) },
    input: { holdId: hold.id, reason: isNoted ? CARD : 'looked into' },
    code: isNoted ? 'CARD_NUMBER_REFUSED' : ended,
    answer: { id: hold.id, isFrozen },
    apply: () => {
      hold.isFrozen = isFrozen
    },
  }
}
