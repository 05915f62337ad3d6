import { flushUnlessTaken, updateWhere } from '#kernel/db/conditional-writes.ts'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import { forkInside } from '#kernel/db/fork-inside.ts'
import { kernelError } from '#kernel/errors.ts'
import { Account, type AccountKind } from '../../entities/account.ts'
import { LedgerEntry } from '../../entities/ledger-entry.ts'
import { Transfer, type TransferKind } from '../../entities/transfer.ts'
import { analyticsError } from '../../errors.ts'
import {
  ensureAccounts,
  isPersonKind,
  type Known,
  type KnownAccounts,
  PERSON_KINDS,
  type Wallet,
} from './account-rows.ts'

/** What a booking moves on one account, in signed minor units. */
export type PostLine = { kind: AccountKind; amount: bigint }

/** What an idempotency key stands for; `keyOwner` is whoever chose it. */
export type Keyed = { keyOwner: string; idempotencyKey: string; requestHash: string }

/** One booking; its lines sum to zero. */
export type Posting = Wallet &
  Partial<Keyed> & {
    kind: TransferKind
    lines: readonly PostLine[]
    /** The person who books; null for the platform's own work. */
    actorId: string | null
    at: Date
    betId?: string | null
    holdId?: string | null
    note?: string | null
    /** Accounts that the caller has seen, however long ago; those of other kinds are looked for. */
    known?: KnownAccounts
  }

/** A person's balance after a booking, in minor units: what their portfolio tells. */
export type BalanceNews = {
  accountId: string
  kind: AccountKind
  tenantId: string
  guildId: string
  userId: string
  currency: string
  balance: bigint
  change: bigint
  transferId: string
  transferKind: TransferKind
  at: Date
}

/** `accounts` are those of the booking's lines. */
export type Posted = {
  transfer: Transfer
  balances: readonly BalanceNews[]
  accounts: KnownAccounts
}

/**
 * No balance of a person goes further from zero, in minor units: up to 2^53 engines add exactly
 * whatever they take an amount for.
 */
export const HIGHEST_BALANCE = 9_000_000_000_000_000n

/** One line per account, none of them zero. */
function mergeLines(lines: readonly PostLine[]): PostLine[] {
  const amounts = new Map<AccountKind, bigint>()
  for (const { kind, amount } of lines) amounts.set(kind, (amounts.get(kind) ?? 0n) + amount)
  const merged = [...amounts].map(([kind, amount]) => ({ kind, amount }))
  if (merged.reduce((sum, { amount }) => sum + amount, 0n) !== 0n) {
    throw new Error('the lines of a booking must sum to zero')
  }
  return merged.filter(({ amount }) => amount !== 0n)
}

/** @throws IDEMPOTENCY_KEY_REUSED when the key stands already, whatever it stands for */
async function writeTransfer(own: SqlEntityManager, posting: Posting): Promise<Transfer> {
  const { place, kind, userId, currency, actorId, at } = posting
  const transfer = own.create(Transfer, {
    ...{ tenantId: place.tenantId, guildId: place.guildId },
    ...{ kind, userId, actorId, currency, at },
    betId: posting.betId ?? null,
    holdId: posting.holdId ?? null,
    note: posting.note ?? null,
    keyOwner: posting.keyOwner ?? null,
    idempotencyKey: posting.idempotencyKey ?? null,
    requestHash: posting.requestHash ?? null,
  })
  own.persist(transfer)
  if (!(await flushUnlessTaken(own))) throw kernelError('IDEMPOTENCY_KEY_REUSED')
  return transfer
}

/** A debt lies below zero, all else of a person above. */
const boundsOf = (kind: AccountKind) =>
  kind === 'debt' ? { floor: -HIGHEST_BALANCE, top: 0n } : { floor: 0n, top: HIGHEST_BALANCE }

/** Moves a balance that still is as it was seen: then what it is after needs no look. */
async function moveSeen(
  own: SqlEntityManager,
  { kind, amount }: PostLine,
  { id, balance }: Known,
): Promise<bigint | null> {
  if (balance == null) return null
  const after = balance + amount
  const { floor, top } = boundsOf(kind)
  if (after < floor || after > top) return null
  const change = { where: { id, balance }, add: { balance: amount } }
  return (await updateWhere(own, Account, change)) === 1 ? after : null
}

/** The rule and the change in one statement: no two writers can both take the last of a balance. */
async function moveBalance(
  own: SqlEntityManager,
  { kind, amount }: PostLine,
  { id }: Known,
): Promise<bigint> {
  const { floor, top } = boundsOf(kind)
  const moved = await updateWhere(own, Account, {
    where: { id, balance: { $gte: floor - amount, $lte: top - amount } },
    add: { balance: amount },
  })
  if (moved === 0) {
    throw analyticsError(amount < 0n ? 'BALANCE_TOO_LOW' : 'BALANCE_TOO_HIGH', { accountId: id })
  }
  const { balance } = await own.findOneOrFail(Account, { id }, { refresh: true })
  return balance ?? 0n
}

const accountOf = (accounts: KnownAccounts, kind: AccountKind): Known => {
  const account = accounts.get(kind)
  if (!account) throw new Error(`no account of kind ${kind} was made`)
  return account
}

/** The accounts of these lines, made where they are missing. */
async function accountsFor(
  own: SqlEntityManager,
  { known = new Map(), ...wallet }: Posting,
  lines: readonly PostLine[],
): Promise<KnownAccounts> {
  const kinds = lines.map(({ kind }) => kind).filter((kind) => !known.has(kind))
  if (kinds.length === 0) return known
  const { accounts } = await ensureAccounts(own, wallet, { kinds, at: wallet.at })
  return new Map([...known, ...accounts])
}

/** The balances of persons after their lines, by account. */
async function moveBalances(
  own: SqlEntityManager,
  lines: readonly PostLine[],
  accounts: KnownAccounts,
): Promise<ReadonlyMap<string, bigint>> {
  const balances = new Map<string, bigint>()
  for (const kind of PERSON_KINDS) {
    const line = lines.find((one) => one.kind === kind)
    if (!line) continue
    const account = accountOf(accounts, kind)
    const seen = await moveSeen(own, line, account)
    balances.set(account.id, seen ?? (await moveBalance(own, line, account)))
  }
  return balances
}

/**
 * Books in the open transaction of `tx`: writes the transfer, moves the balances of persons by
 * conditional updates, adds an entry per account. It makes missing accounts and publishes nothing:
 * the caller publishes `balances` last.
 * @throws BALANCE_TOO_LOW, BALANCE_TOO_HIGH, IDEMPOTENCY_KEY_REUSED
 */
export async function post(tx: SqlEntityManager, posting: Posting): Promise<Posted> {
  const { place, userId, currency, at } = posting
  const lines = mergeLines(posting.lines)
  const own = forkInside(tx)
  const accounts = await accountsFor(own, posting, lines)
  const transfer = await writeTransfer(own, posting)
  const balances = await moveBalances(own, lines, accounts)
  const moved = lines.map((line) => ({ ...line, accountId: accountOf(accounts, line.kind).id }))
  for (const { kind, amount, accountId } of moved) {
    own.create(LedgerEntry, {
      ...{ tenantId: place.tenantId, guildId: place.guildId, accountId, transferId: transfer.id },
      ...{ userId: isPersonKind(kind) ? userId : null, amount, currency, at },
      balanceAfter: balances.get(accountId) ?? null,
    })
  }
  await own.flush()
  const news = moved.flatMap(({ kind, amount, accountId }): BalanceNews[] => {
    const balance = balances.get(accountId)
    if (balance === undefined) return []
    const told = { accountId, kind, ...place, userId, currency, balance, change: amount, at }
    return [{ ...told, transferId: transfer.id, transferKind: transfer.kind }]
  })
  return { transfer, balances: news, accounts }
}
