import { readPortfolios } from './books-events.ts'
import type { Finding } from './books-findings.ts'
import type { Store } from './books-store.ts'
import type { Writer } from './kills-writer.ts'
import { compareSeen } from './live-compare.ts'
import { type Follower, type FollowerDeps, startFollower } from './live-follower.ts'
import { overEventStream, overSocket } from './live-lines.ts'

type Told = { text: string }

/** Who follows one player's portfolio, from before its first event. */
export type PortfolioFollower = Follower<Told> & { userId: string; type: 'balance' | 'bet' }

type Money = { amount: string }
type BalanceChange = { accountId: string; transferId: string; change: Money; balance: Money }
type BetChange = { betId: string; type: string; status: string; payout: Money | null }

const textOf = (parts: readonly unknown[]) => parts.map((part) => String(part)).join(' ')

const FEEDS = {
  balance: {
    query: `subscription Balance { balanceChanged {
      accountId transferId change { amount } balance { amount } } }`,
    read: (told: unknown): Told => {
      const { accountId, transferId, change, balance } = told as BalanceChange
      return { text: textOf([accountId, transferId, change.amount, balance.amount]) }
    },
  },
  bet: {
    query: 'subscription Bets { betChanged { betId type status payout { amount } } }',
    read: (told: unknown): Told => {
      const { betId, type, status, payout } = told as BetChange
      const words = [type.toLowerCase(), status.toLowerCase()]
      return { text: textOf([betId, ...words, payout?.amount ?? null]) }
    },
  },
} as const

/** How a follower behaves that belongs to a proof. */
export type Manners = Pick<FollowerDeps<unknown>, 'comeBackMs' | 'onLineEnd'>

/** Two lines for each writer: bets by graphql-ws, balances by server-sent events. */
export function followAll(
  url: string,
  writers: readonly Writer[],
  manners: Manners = {},
): PortfolioFollower[] {
  return writers.flatMap(({ player: { userId }, caller }) =>
    (['balance', 'bet'] as const).map((type) => {
      const name = `${type}s of ${userId}`
      const follow = type === 'bet' ? overSocket : overEventStream
      const deps = { ...FEEDS[type], ...manners, name, url, token: caller.token }
      const follower = startFollower(follow, deps)
      return { ...follower, userId, type }
    }),
  )
}

type Event = Awaited<ReturnType<typeof readPortfolios>>[number]

function textOfEvent({ type, payload }: Event): string {
  if (type === 'bet') {
    return textOf([payload.betId, payload.change, payload.status, payload.payout])
  }
  return textOf([payload.accountId, payload.transferId, payload.change, payload.balance])
}

const ownEvents = (events: readonly Event[], { userId, type }: PortfolioFollower) =>
  events.filter((event) => event.userId === userId && event.type === type)

/** Whether each has as many as the table. */
export async function haveSeenAll(
  store: Store,
  followers: readonly PortfolioFollower[],
): Promise<boolean> {
  const events = await readPortfolios(store)
  return followers.every((follower) => follower.seen.length >= ownEvents(events, follower).length)
}

/** What was seen, held against what the table holds. */
export async function checkFollowers(
  store: Store,
  followers: readonly PortfolioFollower[],
): Promise<Finding[]> {
  const events = await readPortfolios(store)
  const compared = followers.map((follower) => ({
    name: follower.name,
    stored: ownEvents(events, follower).map(textOfEvent),
    seen: follower.seen.map(({ text }) => text),
  }))
  return compareSeen('events', compared)
}
