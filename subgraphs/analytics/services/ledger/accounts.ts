import { aggregate } from '#kernel/db/aggregates.ts'
import {
  type ChildPage,
  createChildPages,
  createPageBatch,
  createRowBatch,
} from '#kernel/db/batches.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import type { Page } from '#kernel/db/keyset-pages.ts'
import { findList, type ListQuery } from '#kernel/db/lists.ts'
import { GuildPlace } from '#kernel/guilds/guild-place.ts'
import { isDecimalId } from '#kernel/ids.ts'
import { Account } from '../../entities/account.ts'
import { LedgerEntry } from '../../entities/ledger-entry.ts'
import { analyticsError } from '../../errors.ts'
import { findPersonPages, type PersonQuery } from '../person-lists.ts'
import type { AnalyticsRequest } from '../request.ts'
import { isSelf, sightOf } from '../self.ts'
import { acrossTenantsFindReadable } from './account-access.ts'
import { ensureAccounts, type Place } from './account-rows.ts'
import { conclude } from './booking.ts'
import { checkIssuedCurrency } from './inputs.ts'
import { checkKnown } from './known-persons.ts'

export type OpenAccountInput = {
  guildId?: string | null | undefined
  currency: string
  /** Whose; absent for the viewer's own. */
  userId?: string | null | undefined
}

/** @throws ACCOUNT_GUILD_REQUIRED, ACCOUNT_GUILD_FOREIGN */
async function placeToOpenIn(
  { viewer: { reach }, read }: AnalyticsRequest,
  guildId: string | null | undefined,
): Promise<Place> {
  const asked = guildId ?? (reach.kind === 'guild' ? reach.guildId : null)
  if (asked === null) throw analyticsError('ACCOUNT_GUILD_REQUIRED')
  const place = isDecimalId(asked) ? await read().findOne(GuildPlace, { guildId: asked }) : null
  if (!place) throw analyticsError('ACCOUNT_GUILD_FOREIGN')
  return { tenantId: place.tenantId, guildId: place.guildId }
}

/** @throws ACCOUNT_OPENING_REFUSED, ACCOUNT_PERSON_UNKNOWN */
function ownerToOpenFor({ viewer }: AnalyticsRequest, userId: string | null | undefined): string {
  const owner = userId ?? viewer.userId
  const scope = owner === viewer.userId ? 'bets:place' : 'money:write'
  const mayOpen = viewer.scopes.includes(scope) || viewer.scopes.includes('money:write')
  if (owner === null || !mayOpen) throw analyticsError('ACCOUNT_OPENING_REFUSED')
  if (!isDecimalId(owner)) throw analyticsError('ACCOUNT_PERSON_UNKNOWN')
  return owner
}

async function openAccount(request: AnalyticsRequest, input: OpenAccountInput): Promise<Account> {
  const currency = checkIssuedCurrency(input.currency)
  const userId = ownerToOpenFor(request, input.userId)
  const place = await placeToOpenIn(request, input.guildId)
  const at = request.clock.now()
  const key = { ...place, owner: userId, kind: 'player', currency } as const
  const standing = await request.inPlace(place).findOne(Account, key)
  if (standing) return standing
  await checkKnown(request, userId, place)
  return transactional(request.inPlace(place), async (tx) => {
    const { accounts, made } = await ensureAccounts(tx, { place, userId, currency }, { at })
    const account = accounts.get('player')
    if (!account) throw new Error('no account was made')
    if (!made.has('player')) return account
    const resource = { type: 'account', id: account.id } as const
    const details = { userId, currency }
    await conclude(request, tx, { owned: account, action: 'account.opened', resource, details })
    return account
  })
}

/**
 * The sum of the entries of accounts that hold no balance of their own, and that the viewer was shown. Nothing but
 * the account is a condition, so that an index alone answers it.
 */
const acrossTenantsCreateSums = ({ acrossTenants }: AnalyticsRequest) =>
  createRowBatch(
    async (ids) => {
      const rows = await aggregate(acrossTenants(), LedgerEntry, {
        where: { accountId: { $in: [...ids] } },
        groupBy: ['accountId'],
        measured: ['amount'],
      })
      return rows.map(({ group, exactSums }) => ({
        accountId: String(group.accountId),
        sum: exactSums.amount ?? 0n,
      }))
    },
    ({ accountId }) => accountId,
  )

export type AccountsQuery = PersonQuery<Account>

/** What persons bet with; what is held or owed stands beside it. */
const findPlayers = (em: SqlEntityManager, userIds: readonly string[], query: AccountsQuery) =>
  findPersonPages(em, Account, { ...query, userIds, always: { kind: 'player' } })

const besideKey = ({ guildId, tenantId, owner, kind, currency }: Account) =>
  [guildId, tenantId, owner, kind, currency].join(':')

export type Accounts = ReturnType<typeof createAccounts>

/** Accounts: a person's own wherever they are, those of others within reach. */
export function createAccounts(request: AnalyticsRequest) {
  const { viewer, read, acrossTenants, readLog } = request
  const note = <Row extends { tenantId: string; guildId: string }>(rows: readonly Row[]) =>
    readLog.note(rows, { action: 'accounts.read', resourceType: 'account' })
  const notePage = async <Row extends { tenantId: string; guildId: string }>(page: Page<Row>) => {
    await note(page.edges.map(({ node }) => node))
    return page
  }
  const acrossTenantsOfOwn = createPageBatch((userIds, query: AccountsQuery) =>
    findPlayers(acrossTenants(), userIds, query),
  )
  const ofOthers = createPageBatch(async (userIds, query: AccountsQuery) => {
    const pages = await findPlayers(read(), userIds, query)
    await note(pages.flatMap(({ edges }) => edges.map(({ node }) => node)))
    return pages
  })
  const acrossTenantsOwnEntries = createChildPages(acrossTenants, LedgerEntry, {
    parent: 'accountId',
  })
  const entriesOfOthers = createChildPages(read, LedgerEntry, { parent: 'accountId' })
  const acrossTenantsSumOf = acrossTenantsCreateSums(request)
  /** What is held of, or owed by, the owner of an account that the viewer may see. */
  const acrossTenantsBeside = createRowBatch(async (keys) => {
    const [guildIds, , owners] = [0, 1, 2].map((at) => [
      ...new Set(keys.map((key) => key.split(':')[at] ?? '')),
    ])
    return acrossTenants().find(Account, {
      guildId: { $in: guildIds ?? [] },
      owner: { $in: owners ?? [] },
      kind: { $in: ['held', 'debt'] },
    })
  }, besideKey)
  return {
    /**
     * Opening twice changes nothing. @throws KERNEL_CURRENCY_INVALID, ACCOUNT_GUILD_REQUIRED,
     * ACCOUNT_GUILD_FOREIGN, ACCOUNT_OPENING_REFUSED, ACCOUNT_PERSON_UNKNOWN, IDENTITY_UNAVAILABLE
     */
    open: (input: OpenAccountInput) => openAccount(request, input),
    /** Null when there is none, or none that the viewer may see. */
    acrossTenantsById: async (id: string): Promise<Account | null> => {
      const account = await acrossTenantsFindReadable(request, id)
      if (account) await note([account])
      return account
    },
    page: async (query: ListQuery<Account>) => notePage(await findList(read(), Account, query)),
    /**
     * The person's accounts to bet with.
     * @throws MONEY_OF_OTHERS, WHERE_TOO_LARGE, PAGE_SIZE_INVALID, PAGE_CURSOR_INVALID
     */
    ofUser: async (userId: string, query: AccountsQuery): Promise<Page<Account>> => {
      const scope = 'money:read'
      const sight = sightOf(viewer, userId, scope)
      if (sight === 'everywhere') return acrossTenantsOfOwn(userId, query)
      if (sight === 'nowhere') throw analyticsError('MONEY_OF_OTHERS', { scope })
      return ofOthers(userId, query)
    },
    /** Entries of an account that the viewer may see. */
    entriesOf: async ({ id, userId }: Account, page: ChildPage): Promise<Page<LedgerEntry>> =>
      isSelf(viewer, userId)
        ? acrossTenantsOwnEntries(id, page)
        : notePage(await entriesOfOthers(id, page)),
    entries: async (query: ListQuery<LedgerEntry>) =>
      notePage(await findList(read(), LedgerEntry, query)),
    /** Minor units: what a person's account holds, or the sum of the house's entries. */
    acrossTenantsBalanceOf: async ({ id, balance }: Account): Promise<bigint> =>
      balance ?? (await acrossTenantsSumOf(id))?.sum ?? 0n,
    /** Minor units of the same person beside this account; 0 where there is none. */
    acrossTenantsBeside: async (account: Account, kind: 'held' | 'debt'): Promise<bigint> => {
      const beside = await acrossTenantsBeside(besideKey({ ...account, kind } as Account))
      return beside?.balance ?? 0n
    },
  }
}
