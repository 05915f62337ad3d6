import type { FilterQuery } from '@mikro-orm/core'
import { type AggregateRow, aggregate } from '#kernel/db/aggregates.ts'
import { createGroupBatch } from '#kernel/db/batches.ts'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import { toCondition, type Where } from '#kernel/db/where.ts'
import { GuildPlace } from '#kernel/guilds/guild-place.ts'
import type { Money } from '#kernel/money.ts'
import { Bet } from '../../entities/bet.ts'
import { analyticsError } from '../../errors.ts'
import type { AnalyticsRequest } from '../request.ts'

/** What figures can be grouped by, beside the currency: amounts of two currencies are never added. */
export const FIGURE_GROUPS = ['tenantId', 'guildId', 'marketType', 'placedDay'] as const
export type FigureGroup = (typeof FIGURE_GROUPS)[number]

/** Groupings that belong to the paid features of a guild. */
const PAID_GROUPS: readonly FigureGroup[] = ['marketType', 'placedDay']

/** Words of a condition that hold conditions. */
const COMBINED = ['and', 'or', 'not']

const MEASURED = ['handle', 'openStake', 'settledStake', 'settledPayout', 'liability'] as const

export type FiguresQuery = { where?: Where | null | undefined; groupBy: readonly FigureGroup[] }

/** Figures of the bets of one group and currency; amounts in minor units. */
export type Figures = Record<FigureGroup, string | null> & {
  currency: string
  bets: number
  /** What was staked, stakes that were given back left out. */
  handle: bigint
  openStakes: bigint
  /** The stakes of bets that were settled or cashed out. */
  turnover: bigint
  /** What was paid on them. */
  payout: bigint
  /** What is left of them. */
  grossWin: bigint
  /** `grossWin` as a share of `turnover`; null without any. */
  hold: number | null
  openLiability: bigint
}

const PRECISION = 1_000_000_000n

/** A share to nine decimals, exact up to there however large the amounts are. */
const shareOf = (part: bigint, whole: bigint) =>
  whole === 0n ? null : Number((part * PRECISION) / whole) / Number(PRECISION)

function toFigures({ group, count, exactSums }: AggregateRow): Figures {
  const sum = (name: (typeof MEASURED)[number]) => exactSums[name] ?? 0n
  const turnover = sum('settledStake')
  const payout = sum('settledPayout')
  const grossWin = turnover - payout
  return {
    ...{ tenantId: group.tenantId ?? null, guildId: group.guildId ?? null },
    ...{ marketType: group.marketType ?? null, placedDay: group.placedDay ?? null },
    currency: group.currency ?? '',
    bets: count,
    ...{ handle: sum('handle'), openStakes: sum('openStake'), openLiability: sum('liability') },
    ...{ turnover, payout, grossWin, hold: shareOf(grossWin, turnover) },
  }
}

async function findFigures(
  em: SqlEntityManager,
  where: FilterQuery<Bet>,
  groups: readonly FigureGroup[],
): Promise<Figures[]> {
  const groupBy = [...FIGURE_GROUPS.filter((group) => groups.includes(group)), 'currency'] as const
  const rows = await aggregate(em, Bet, { where, groupBy, measured: MEASURED })
  return rows.map(toFigures)
}

/** Every property that a condition compares, however deep. */
function comparedIn(where: Where): string[] {
  return Object.entries(where).flatMap(([name, value]) => {
    if (value == null) return []
    if (!COMBINED.includes(name)) return [name]
    return [value].flat().flatMap((inner) => comparedIn(inner as Where))
  })
}

/** What figures of one market or day are worth is the same whether they are grouped or picked out. */
const isPaid = ({ where, groupBy }: FiguresQuery) =>
  groupBy.some((group) => PAID_GROUPS.includes(group)) ||
  comparedIn(where ?? {}).some((name) => (PAID_GROUPS as readonly string[]).includes(name))

/** @throws FEATURE_NOT_INCLUDED */
async function checkFeature({ viewer, read }: AnalyticsRequest, query: FiguresQuery) {
  const { reach } = viewer
  if (reach.kind !== 'guild' || !isPaid(query)) return
  const place = await read().findOne(GuildPlace, { guildId: reach.guildId })
  if (!place?.enterpriseFeatures) throw analyticsError('FEATURE_NOT_INCLUDED')
}

const ofParents =
  ({ read }: AnalyticsRequest, parent: 'tenantId' | 'guildId') =>
  (ids: readonly string[]) =>
    findFigures(read(), { [parent]: { $in: [...ids] } } as FilterQuery<Bet>, [parent])

/** Figures of one currency, as a field of a guild or tenant shows them. */
export type HoldShare = { currency: string; share: number | null }

const toHandle = ({ currency, handle }: Figures): Money => ({ amount: handle, currency })
const toHold = ({ currency, hold }: Figures): HoldShare => ({ currency, share: hold })

const byCurrency = (left: Figures, right: Figures) => (left.currency < right.currency ? -1 : 1)

export type BettingFigures = ReturnType<typeof createFigures>

/** Handle, hold, turnover and liability of the bets within reach, each by one query. */
export function createFigures(request: AnalyticsRequest) {
  const { read } = request
  const ofGuild = createGroupBatch(
    ofParents(request, 'guildId'),
    ({ guildId }: Figures) => guildId ?? '',
  )
  const ofTenant = createGroupBatch(
    ofParents(request, 'tenantId'),
    ({ tenantId }: Figures) => tenantId ?? '',
  )
  const sorted = async (found: Promise<readonly Figures[]>) => (await found).toSorted(byCurrency)
  return {
    /** At most 1000 groups, those with most bets first. @throws WHERE_TOO_LARGE, FEATURE_NOT_INCLUDED */
    find: async (query: FiguresQuery): Promise<Figures[]> => {
      await checkFeature(request, query)
      const { where, groupBy } = query
      const em = read()
      return findFigures(em, toCondition(em, Bet, where), groupBy)
    },
    handleOfGuild: async (id: string) => (await sorted(ofGuild(id))).map(toHandle),
    holdOfGuild: async (id: string) => (await sorted(ofGuild(id))).map(toHold),
    handleOfTenant: async (id: string) => (await sorted(ofTenant(id))).map(toHandle),
    holdOfTenant: async (id: string) => (await sorted(ofTenant(id))).map(toHold),
  }
}
