import { type Follower, type Seen, startFollower } from './live-follower.ts'
import type { Follow } from './live-lines.ts'

type Price = { id: string }

/** A price as a subscriber saw it. */
export type SeenPrice = Seen<Price>

/** Somebody who follows all prices, and comes back with the last cursor whenever the line is cut. */
export type Subscriber = Follower<Price>

export type SubscriberDeps = {
  name: string
  url: string
  /** An access token; asks the platform for one. */
  token: () => Promise<string>
  /** Told after each price with how many there are. */
  onPrice?: (count: number) => void
}

const QUERY = 'subscription EveryPrice { oddsChanged { id odds previousOdds source at } }'

/** Follows all prices from the oldest one held, for ever. */
export const startSubscriber = (
  follow: Follow,
  { onPrice = () => {}, ...deps }: SubscriberDeps,
): Subscriber =>
  startFollower(follow, {
    ...deps,
    query: QUERY,
    read: (told) => ({ id: (told as Price).id }),
    onSeen: onPrice,
  })
