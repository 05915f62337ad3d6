import { flushUnlessTaken } from '#kernel/db/conditional-writes.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { GuildPlace } from '#kernel/guilds/guild-place.ts'
import { isDecimalId } from '#kernel/ids.ts'
import { BettingLimit } from '../../entities/betting-limit.ts'
import { analyticsError } from '../../errors.ts'
import type { Place } from '../ledger/account-rows.ts'
import { checkIssuedCurrency } from '../ledger/inputs.ts'
import type { AnalyticsRequest } from '../request.ts'
import { highestStake, type PricedLeg, payoutOf } from '../settlement/payout.ts'

/** Amounts in minor units. */
export type Limits = Pick<
  BettingLimit,
  'minStake' | 'maxStake' | 'maxPayout' | 'maxLegs' | 'cashOutFeeBasisPoints'
>

/** What stands in guilds that set nothing: 1.00 to 1000.00, at most 100000.00 paid, 5 % for a cash-out. */
export const DEFAULT_LIMITS: Limits = {
  minStake: 100n,
  maxStake: 100_000n,
  maxPayout: 10_000_000n,
  maxLegs: 12,
  cashOutFeeBasisPoints: 500,
}

export type LimitInput = Limits & { guildId: string; currency: string }

const LARGEST_AMOUNT = 10n ** 15n
const MOST_LEGS = 50
const WHOLE_BASIS_POINTS = 10_000

/** The limits of a guild in one currency. */
export async function findLimits(
  em: SqlEntityManager,
  { tenantId, guildId, currency }: Place & { currency: string },
): Promise<Limits> {
  return (await em.findOne(BettingLimit, { tenantId, guildId, currency })) ?? DEFAULT_LIMITS
}

/** @throws STAKE_BELOW_LIMIT, STAKE_ABOVE_LIMIT with the limit */
export function checkWithin({ minStake, maxStake }: Limits, stake: bigint): void {
  if (stake < minStake) throw analyticsError('STAKE_BELOW_LIMIT', { minStake: String(minStake) })
  if (stake > maxStake) throw analyticsError('STAKE_ABOVE_LIMIT', { maxStake: String(maxStake) })
}

/** What a stake would pay. @throws PAYOUT_ABOVE_LIMIT with the limit and the highest stake within it, null where none is */
export function checkPayout(
  { minStake, maxPayout }: Limits,
  stake: bigint,
  legs: readonly PricedLeg[],
): bigint {
  const payout = payoutOf(stake, legs)
  if (payout <= maxPayout) return payout
  const highest = highestStake(maxPayout, legs)
  const maxStake = highest < minStake ? null : String(highest)
  throw analyticsError('PAYOUT_ABOVE_LIMIT', { maxPayout: String(maxPayout), maxStake })
}

/** @throws LIMIT_INVALID, KERNEL_CURRENCY_INVALID */
function readLimits(input: LimitInput): Limits {
  const { minStake, maxStake, maxPayout, maxLegs, cashOutFeeBasisPoints } = input
  checkIssuedCurrency(input.currency)
  const isOrdered = minStake >= 1n && minStake <= maxStake && maxStake <= maxPayout
  const isBounded = maxPayout <= LARGEST_AMOUNT && maxLegs >= 1 && maxLegs <= MOST_LEGS
  const isShare = cashOutFeeBasisPoints >= 0 && cashOutFeeBasisPoints < WHOLE_BASIS_POINTS
  if (!isOrdered || !isBounded || !isShare) throw analyticsError('LIMIT_INVALID')
  return { minStake, maxStake, maxPayout, maxLegs, cashOutFeeBasisPoints }
}

/** The guild's place within reach. @throws LIMIT_GUILD_FOREIGN */
async function findPlace(em: SqlEntityManager, guildId: string): Promise<Place> {
  const place = isDecimalId(guildId) ? await em.findOne(GuildPlace, { guildId }) : null
  if (!place) throw analyticsError('LIMIT_GUILD_FOREIGN')
  return { tenantId: place.tenantId, guildId }
}

/** Null: the first limits of this guild and currency were set at the same time by somebody else. */
async function writeLimits(
  { audit, viewer, clock, read }: AnalyticsRequest,
  { guildId, currency }: LimitInput,
  limits: Limits,
): Promise<BettingLimit | null> {
  return transactional(read(), async (tx) => {
    const place = await findPlace(tx, guildId)
    const facts = { ...limits, updatedAt: clock.now() }
    const known = await tx.findOne(BettingLimit, { ...place, currency })
    if (known) Object.assign(known, facts)
    const row = known ?? tx.create(BettingLimit, { ...place, currency, ...facts })
    tx.persist(row)
    if (!(await flushUnlessTaken(tx))) return null
    const { minStake, maxStake, maxPayout, ...counts } = limits
    const amounts = { minStake, maxStake, maxPayout }
    const texts = Object.entries(amounts).map(([name, amount]) => [name, String(amount)])
    await audit.record(tx, {
      ...{ viewer, ...place, action: 'limit.set', outcome: 'done' },
      resource: { type: 'betting-limit', id: row.id },
      details: { currency, ...counts, ...Object.fromEntries(texts) },
    })
    return row
  })
}

async function setLimits(request: AnalyticsRequest, input: LimitInput): Promise<BettingLimit> {
  const limits = readLimits(input)
  const set = await writeLimits(request, input, limits)
  // The second try finds the row that the first one met.
  return set ?? (await writeLimits(request, input, limits)) ?? setLimits(request, input)
}

export type BettingLimits = ReturnType<typeof createBettingLimits>

/** What guilds let be staked. */
export function createBettingLimits(request: AnalyticsRequest) {
  return {
    /** Bets that stand keep the limits they were placed under. @throws LIMIT_INVALID, LIMIT_GUILD_FOREIGN, KERNEL_CURRENCY_INVALID */
    set: (input: LimitInput) => setLimits(request, input),
  }
}
