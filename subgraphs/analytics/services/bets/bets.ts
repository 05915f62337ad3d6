import { createGroupBatch, createPageBatch, createRowBatch } from '#kernel/db/batches.ts'
import type { Page } from '#kernel/db/keyset-pages.ts'
import { findList, type ListQuery } from '#kernel/db/lists.ts'
import { isDecimalId } from '#kernel/ids.ts'
import { Bet } from '../../entities/bet.ts'
import { BetLeg } from '../../entities/bet-leg.ts'
import { analyticsError } from '../../errors.ts'
import { findPersonPages, type PersonQuery } from '../person-lists.ts'
import type { AnalyticsRequest } from '../request.ts'
import { isSelf, readableWithin, selfOf, sightOf } from '../self.ts'
import type { BetInput } from './bet-input.ts'
import { createCashOuts } from './cash-out.ts'
import { placeBet } from './place-bet.ts'

export type BetsQuery = PersonQuery<Bet>

const READ = { action: 'bets.read', resourceType: 'bet' }

const SCOPE = 'bets:read'

/** Pages of the bets of several people: a person's own wherever they lie, those of others within reach. */
async function acrossTenantsFindOfUsers(
  request: AnalyticsRequest,
  ids: readonly string[],
  query: BetsQuery,
): Promise<Page<Bet>[]> {
  const { viewer, acrossTenants, read } = request
  const own = ids.filter((id) => isSelf(viewer, id))
  const others = ids.filter((id) => !isSelf(viewer, id))
  if (others.some((id) => sightOf(viewer, id, SCOPE) === 'nowhere')) {
    throw analyticsError('BETS_OF_OTHERS', { scope: SCOPE })
  }
  const find = async (em: ReturnType<typeof read>, userIds: readonly string[]) => {
    const pages = await findPersonPages(em, Bet, { ...query, userIds })
    return userIds.map((id, index) => [id, pages[index] as Page<Bet>] as const)
  }
  const found = new Map([...(await find(acrossTenants(), own)), ...(await find(read(), others))])
  const pages = ids.flatMap((id) => found.get(id) ?? [])
  const rows = pages.flatMap(({ edges }) => edges.map(({ node }) => node))
  await request.readLog.note(rows, READ)
  return pages
}

/** Bets by id as their reader may see them. */
async function acrossTenantsFindReadable(
  { viewer, acrossTenants, read, readLog }: AnalyticsRequest,
  ids: readonly string[],
): Promise<Bet[]> {
  const id = { $in: [...ids] }
  const userId = selfOf(viewer)
  const own = userId === null ? [] : await acrossTenants().find(Bet, { id, userId })
  const known = new Set(own.map((bet) => bet.id))
  const readable = readableWithin(viewer, SCOPE)
  const found = readable ? await read().find(Bet, { id, ...readable }) : []
  const others = found.filter((bet) => !known.has(bet.id))
  await readLog.note(others, READ)
  return [...own, ...others]
}

export type Bets = ReturnType<typeof createBets>

/** Bets: a person's own, and those of others within reach. */
export function createBets(request: AnalyticsRequest) {
  const { acrossTenants, read, readLog } = request
  const cashOuts = createCashOuts(request)
  const acrossTenantsById = createRowBatch(
    (ids) => acrossTenantsFindReadable(request, ids),
    ({ id }: Bet) => id,
  )
  return {
    /** A person's own, or one within reach with `bets:read`; else null. */
    acrossTenantsById: async (id: string): Promise<Bet | null> =>
      isDecimalId(id) ? acrossTenantsById(id) : null,
    /** Within reach, one's own or not. @throws WHERE_TOO_LARGE, PAGE_SIZE_INVALID, PAGE_CURSOR_INVALID */
    page: async (query: ListQuery<Bet>): Promise<Page<Bet>> => {
      const page = await findList(read(), Bet, query)
      await readLog.note(
        page.edges.map(({ node }) => node),
        READ,
      )
      return page
    },
    /** @throws BETS_OF_OTHERS, WHERE_TOO_LARGE, PAGE_SIZE_INVALID, PAGE_CURSOR_INVALID */
    acrossTenantsOfUser: createPageBatch((ids, query: BetsQuery) =>
      acrossTenantsFindOfUsers(request, ids, query),
    ),
    /** The legs of a bet that the viewer may see. */
    acrossTenantsLegsOf: createGroupBatch(
      (ids) =>
        acrossTenants().find(
          BetLeg,
          { betId: { $in: [...ids] } },
          { orderBy: { position: 'asc' } },
        ),
      ({ betId }: BetLeg) => betId,
    ),
    ...cashOuts,
    /**
     * @throws STAKE_INVALID, STAKE_BELOW_LIMIT, STAKE_ABOVE_LIMIT, PAYOUT_ABOVE_LIMIT, BET_LEGS_INVALID, SELECTION_NOT_FOUND,
     * ODDS_INVALID, QUOTE_NOT_FOUND, QUOTE_STALE, MARKET_CLOSED, PRICE_CHANGED, PRICE_POLICY_REFUSED, ACCOUNT_NOT_FOUND,
     * KERNEL_CURRENCY_INVALID, KERNEL_CURRENCY_MISMATCH, BALANCE_TOO_LOW, IDEMPOTENCY_KEY_INVALID,
     * IDEMPOTENCY_KEY_REUSED, COMPLIANCE_REFUSED, COMPLIANCE_UNAVAILABLE
     */
    place: (input: BetInput) => placeBet(request, input),
  }
}
