import { createBatch } from '#kernel/db/batches.ts'
import { Account } from '../../entities/account.ts'
import { BettingLimit } from '../../entities/betting-limit.ts'
import type { AnalyticsRequest } from '../request.ts'
import { sightOf } from '../self.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'

/** What bets in one currency meet in a guild; without id and time where the guild set nothing. */
export type StandingLimit = Limits & {
  id: string | null
  guildId: string
  currency: string
  updatedAt: Date | null
}

type Place = { guildId: string; currency: string }

/** The currencies in which the viewer has accounts to bet with, by guild within reach. */
async function ownCurrencies(
  { viewer, read }: AnalyticsRequest,
  guildIds: readonly string[],
): Promise<Place[]> {
  const { userId } = viewer
  if (userId === null || sightOf(viewer, userId, 'money:read') === 'nowhere') return []
  return read().find(Account, { guildId: { $in: [...guildIds] }, userId, kind: 'player' })
}

const keyOf = ({ guildId, currency }: Place) => `${guildId}:${currency}`

const toDefault = ({ guildId, currency }: Place): StandingLimit => ({
  ...{ id: null, guildId, currency, updatedAt: null },
  ...DEFAULT_LIMITS,
})

async function findStanding(
  request: AnalyticsRequest,
  guildIds: readonly string[],
): Promise<StandingLimit[][]> {
  const set = await request.read().find(BettingLimit, { guildId: { $in: [...guildIds] } })
  const known = new Set(set.map(keyOf))
  const own = new Map((await ownCurrencies(request, guildIds)).map((row) => [keyOf(row), row]))
  const unset = [...own].filter(([key]) => !known.has(key)).map(([, row]) => toDefault(row))
  const byGuild = Map.groupBy([...set, ...unset], ({ guildId }) => guildId)
  return guildIds.map((id) =>
    (byGuild.get(id) ?? []).sort((left, right) => (left.currency < right.currency ? -1 : 1)),
  )
}

/**
 * The limits that a guild has set, and the defaults for currencies of the viewer's own accounts in
 * it for which it set none, by currency: two queries, however many guilds are asked for.
 */
export const createStandingLimits = (request: AnalyticsRequest) =>
  createBatch((guildIds: readonly string[]) => findStanding(request, guildIds))
