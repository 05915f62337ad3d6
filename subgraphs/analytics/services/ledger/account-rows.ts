import { LockMode } from '@mikro-orm/core'
import { flushUnlessTaken } from '#kernel/db/conditional-writes.ts'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import { forkInside } from '#kernel/db/fork-inside.ts'
import { Account, type AccountKind, HOUSE } from '../../entities/account.ts'

/** Where money lies: accounts belong to one guild of one tenant. */
export type Place = { tenantId: string; guildId: string }

/** One person's money in one guild and currency. */
export type Wallet = { place: Place; userId: string; currency: string }

/** Kinds that belong to a person, in the order in which their rows are locked. */
export const PERSON_KINDS = ['player', 'held', 'debt'] as const
const HOUSE_KINDS = ['cash', 'open_stakes', 'result', 'adjustments'] as const

const KINDS: readonly AccountKind[] = [...PERSON_KINDS, ...HOUSE_KINDS]

/** Whether accounts of this kind belong to a person and hold a balance of their own. */
export const isPersonKind = (kind: AccountKind): boolean =>
  (PERSON_KINDS as readonly AccountKind[]).includes(kind)

/** An account as it was seen: its id stands, its balance may have moved since. */
export type Known = { id: string; balance?: bigint | null | undefined }

export type KnownAccounts = ReadonlyMap<AccountKind, Known>
export type Accounts = ReadonlyMap<AccountKind, Account>

type Made = { account: Account; isNew: boolean }

const keyOf = ({ place, userId, currency }: Wallet, kind: AccountKind) => ({
  tenantId: place.tenantId,
  guildId: place.guildId,
  owner: isPersonKind(kind) ? userId : HOUSE,
  kind,
  currency,
})

async function makeAccount(
  tx: SqlEntityManager,
  wallet: Wallet,
  { kind, at }: { kind: AccountKind; at: Date },
): Promise<Made> {
  const own = forkInside(tx)
  const key = keyOf(wallet, kind)
  const isOwned = isPersonKind(kind)
  const account = own.create(Account, {
    ...key,
    userId: isOwned ? wallet.userId : null,
    balance: isOwned ? 0n : null,
    createdAt: at,
  })
  own.persist(account)
  if (await flushUnlessTaken(own)) return { account, isNew: true }
  // Made meanwhile by another writer: a locking read sees past the beginning of this transaction.
  const lockMode = LockMode.PESSIMISTIC_WRITE
  const standing = await forkInside(tx).findOneOrFail(Account, key, { lockMode })
  return { account: standing, isNew: false }
}

/** The accounts of these kinds, made where they are missing, and which were. */
export async function ensureAccounts(
  tx: SqlEntityManager,
  wallet: Wallet,
  { kinds = KINDS, at }: { kinds?: readonly AccountKind[]; at: Date },
): Promise<{ accounts: Accounts; made: ReadonlySet<AccountKind> }> {
  const { place, userId, currency } = wallet
  const found = await forkInside(tx).find(Account, {
    ...{ tenantId: place.tenantId, guildId: place.guildId, currency },
    owner: { $in: [userId, HOUSE] },
    kind: { $in: [...kinds] },
  })
  const accounts = new Map(found.map((account) => [account.kind, account]))
  const missing = KINDS.filter((kind) => kinds.includes(kind) && !accounts.has(kind))
  const made = new Set<AccountKind>()
  for (const kind of missing) {
    const { account, isNew } = await makeAccount(tx, wallet, { kind, at })
    accounts.set(kind, account)
    if (isNew) made.add(kind)
  }
  return { accounts, made }
}
