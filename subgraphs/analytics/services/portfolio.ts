import type { Viewer } from '#kernel/auth/viewer.ts'
import type { NewEvent, StoredEvent } from '#kernel/events/stored-event.ts'
import { GuildPlace } from '#kernel/guilds/guild-place.ts'
import { analyticsError } from '../errors.ts'
import type { BalanceNews } from './ledger/post.ts'
import type { Resumption } from './live-odds.ts'
import type { AnalyticsRequest } from './request.ts'
import { sightOf } from './self.ts'

/** Where everything is told that happens to one person's money and bets. */
export const portfolioTopic = (userId: string) => `portfolio:${userId}`

/** What happened to a bet. */
export const BET_CHANGES = ['placed', 'settled', 'corrected', 'reopened', 'cashed_out'] as const
export type BetChange = (typeof BET_CHANGES)[number]

/** What is told of a bet: ids, figures and codes, amounts in minor units. */
export type BetNews = {
  betId: string
  change: BetChange
  tenantId: string
  guildId: string
  userId: string
  status: string
  outcome: string | null
  stake: bigint
  payout: bigint | null
  currency: string
  at: Date
}

type Told = { tenantId: string; guildId: string; userId: string; at: Date }

/** JSON knows no big integers: amounts travel as text. */
type Written<News> = {
  [Name in keyof News]: bigint extends News[Name]
    ? Exclude<News[Name], bigint> | string
    : News[Name] extends Date
      ? string
      : News[Name]
}

function toEvent(type: 'balance' | 'bet', news: Told): NewEvent {
  const written = Object.entries(news).map(([name, value]) => [
    name,
    typeof value === 'bigint' ? String(value) : value,
  ])
  return { topic: portfolioTopic(news.userId), type, payload: Object.fromEntries(written) }
}

export const toBalanceEvent = (news: BalanceNews): NewEvent => toEvent('balance', news)

export const toBetEvent = (news: BetNews): NewEvent => toEvent('bet', news)

/** The news behind a `balance` event. */
export function readBalanceNews({ payload }: StoredEvent): BalanceNews {
  const { balance, change, at, ...news } = payload as Written<BalanceNews>
  return { ...news, balance: BigInt(balance), change: BigInt(change), at: new Date(at) }
}

/** The news behind a `bet` event. */
export function readBetNews({ payload }: StoredEvent): BetNews {
  const { stake, payout, at, ...news } = payload as Written<BetNews>
  return {
    ...news,
    stake: BigInt(stake),
    payout: payout === null ? null : BigInt(payout),
    at: new Date(at),
  }
}

function liesWithin({ reach }: Viewer, { tenantId, guildId }: Told): boolean {
  if (reach.kind === 'platform') return true
  if (reach.kind === 'none') return false
  return reach.tenantId === tenantId && (reach.kind === 'tenant' || reach.guildId === guildId)
}

/** What a live portfolio tells, what it takes to follow another's, and what following it is recorded as. */
const FEEDS = {
  balance: { scope: 'money:read', action: 'accounts.followed', resourceType: 'account' },
  bet: { scope: 'bets:read', action: 'bets.followed', resourceType: 'bet' },
} as const

type Feed = keyof typeof FEEDS

/** A live feed is one look that lasts: recorded once, where it begins, in every guild that it may tell of. */
async function noteFollowing({ read, readLog }: AnalyticsRequest, feed: Feed): Promise<void> {
  const places = await read().find(GuildPlace, { auditLogging: true })
  await readLog.note(
    places.map(({ tenantId, guildId }) => ({ tenantId, guildId })),
    FEEDS[feed],
  )
}

async function follow(
  request: AnalyticsRequest,
  feed: Feed,
  { userId: asked, ...resumption }: Following,
) {
  const { viewer, events } = request
  const { scope } = FEEDS[feed]
  const userId = asked ?? viewer.userId
  if (userId === null) throw analyticsError('PORTFOLIO_USER_REQUIRED')
  const sight = sightOf(viewer, userId, scope)
  if (sight === 'nowhere') throw analyticsError('PORTFOLIO_OF_OTHERS', { scope })
  if (userId !== viewer.userId) await noteFollowing(request, feed)
  const isWhole = sight === 'everywhere'
  return events.open(portfolioTopic(userId), {
    ...resumption,
    filter: ({ type, payload }) =>
      type === feed && (isWhole || liesWithin(viewer, payload as Told)),
  })
}

/** Whose portfolio, absent for the viewer's own, and from where on. */
export type Following = Resumption & { userId: string | null | undefined }

export type Portfolio = ReturnType<typeof createPortfolio>

/** Live portfolios: a person's own whole, of others, and for keys, what lies within reach. */
export function createPortfolio(request: AnalyticsRequest) {
  return {
    /**
     * @throws PORTFOLIO_USER_REQUIRED, PORTFOLIO_OF_OTHERS, CURSOR_INVALID, CURSOR_FOREIGN,
     * CURSOR_EXPIRED
     */
    balances: (following: Following) => follow(request, 'balance', following),
    /** @throws as `balances` */
    bets: (following: Following) => follow(request, 'bet', following),
  }
}
