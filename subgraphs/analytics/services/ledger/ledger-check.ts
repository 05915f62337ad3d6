import { setImmediate } from 'node:timers/promises'
import { aggregate } from '#kernel/db/aggregates.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { Account } from '../../entities/account.ts'
import { LedgerEntry } from '../../entities/ledger-entry.ts'
import { Transfer } from '../../entities/transfer.ts'
import { analyticsError } from '../../errors.ts'
import type { AnalyticsRequest } from '../request.ts'

/** How the books of one currency stand within the viewer's reach. */
export type CurrencyCheck = {
  currency: string
  /** Sum of the entries in minor units: 0 when the books balance. */
  sum: bigint
  /** Accounts of persons that were compared with their entries. */
  accounts: number
  /** Those whose balance is not the sum of their entries, the first hundred. */
  broken: string[]
  /** False where there is more than one check looks at: then it looked at the newest. */
  isWhole: boolean
}

/** How much is looked at, in one statement and in all. */
export type CheckBounds = Readonly<
  Record<'transfersAtOnce' | 'mostTransfers' | 'accountsAtOnce' | 'mostAccounts', number>
>

const BOUNDS: CheckBounds = {
  transfersAtOnce: 5_000,
  mostTransfers: 1_000_000,
  accountsAtOnce: 500,
  mostAccounts: 100_000,
}
const MOST_BROKEN = 100

type Checking = {
  read: () => SqlEntityManager
  bounds: CheckBounds
  checkOf: (currency: string) => CurrencyCheck
  /** Between two statements: others get their turn, and who is gone is not worked for. */
  pause: () => Promise<void>
}

/** Transfers before one, the newest first. */
const findNext = (em: SqlEntityManager, before: string | null, offset = 0) =>
  em.find(Transfer, before === null ? {} : { id: { $lt: before } }, {
    ...{ orderBy: { id: 'desc' }, fields: ['id'], limit: 1, offset },
  })

/** The oldest of the next transfers; null when no more are left than one statement looks at. */
async function findBoundary({ read, bounds }: Checking, before: string | null) {
  const [oldest] = await findNext(read(), before, bounds.transfersAtOnce - 1)
  return oldest?.id ?? null
}

/**
 * Sums entries by whole transfers, the newest first. A transfer commits with all of its entries, so any number of
 * them sums to 0 whatever is booked meanwhile. @returns whether these were all
 */
async function sumTransfers(checking: Checking): Promise<boolean> {
  const { read, bounds, checkOf, pause } = checking
  let before: string | null = null
  for (let seen = 0; seen < bounds.mostTransfers; seen += bounds.transfersAtOnce) {
    await pause()
    const from: string | null = await findBoundary(checking, before)
    const range = { ...(from !== null && { $gte: from }), ...(before !== null && { $lt: before }) }
    const sums = await aggregate(read(), LedgerEntry, {
      where: from === null && before === null ? {} : { transferId: range },
      groupBy: ['currency'],
      measured: ['amount'],
    })
    for (const { group, exactSums } of sums) {
      checkOf(String(group.currency)).sum += exactSums.amount ?? 0n
    }
    if (from === null) return true
    before = from
  }
  const { length: left } = await findNext(read(), before)
  return left === 0
}

type Compared = { id: string; currency: string; isBroken: boolean }

/** The next accounts of persons and the sums of their entries, as of one moment. */
async function readSome(
  tx: SqlEntityManager,
  before: string | null,
  limit: number,
): Promise<Compared[]> {
  const accounts = await tx.find(
    Account,
    { balance: { $ne: null }, ...(before !== null && { id: { $lt: before } }) },
    { orderBy: { id: 'desc' }, limit },
  )
  const sums = await aggregate(tx, LedgerEntry, {
    where: { accountId: { $in: accounts.map(({ id }) => id) } },
    groupBy: ['accountId'],
    measured: ['amount'],
  })
  const byAccount = new Map(sums.map((row) => [row.group.accountId, row.exactSums.amount]))
  return accounts.map(({ id, currency, balance }) => ({
    ...{ id, currency },
    isBroken: (balance ?? 0n) !== (byAccount.get(id) ?? 0n),
  }))
}

/** Compares the balances of persons with their entries, the newest first. @returns whether these were all */
async function compareAccounts({ read, bounds, checkOf, pause }: Checking): Promise<boolean> {
  const { accountsAtOnce, mostAccounts } = bounds
  let before: string | null = null
  for (let seen = 0; seen < mostAccounts; seen += accountsAtOnce) {
    await pause()
    const last = before
    const some: Compared[] = await transactional(read(), (tx) => readSome(tx, last, accountsAtOnce))
    for (const { id, currency, isBroken } of some) {
      const check = checkOf(currency)
      check.accounts++
      if (isBroken && check.broken.length < MOST_BROKEN) check.broken.push(id)
    }
    if (some.length < accountsAtOnce) return true
    before = some.at(-1)?.id ?? null
  }
  return false
}

/**
 * Compares balances with their entries, and the entries of each currency with zero: a million transfers and a
 * hundred thousand accounts at most, the newest. @throws LEDGER_CHECK_REFUSED, and the reason of `signal`
 */
export async function checkLedger(
  { viewer, read }: AnalyticsRequest,
  signal: AbortSignal,
  bounds: CheckBounds = BOUNDS,
): Promise<CurrencyCheck[]> {
  const { kind } = viewer.reach
  if (kind !== 'platform' && kind !== 'tenant') throw analyticsError('LEDGER_CHECK_REFUSED')
  const checks = new Map<string, CurrencyCheck>()
  const checkOf = (currency: string): CurrencyCheck => {
    const fresh = { currency, sum: 0n, accounts: 0, broken: [], isWhole: false }
    const check = checks.get(currency) ?? fresh
    checks.set(currency, check)
    return check
  }
  const pause = async () => {
    signal.throwIfAborted()
    await setImmediate()
  }
  const checking = { read, bounds, checkOf, pause }
  const areAllSummed = await sumTransfers(checking)
  const areAllCompared = await compareAccounts(checking)
  const isWhole = areAllSummed && areAllCompared
  return [...checks.values()]
    .map((check) => ({ ...check, isWhole }))
    .sort((one, other) => (one.currency < other.currency ? -1 : 1))
}
