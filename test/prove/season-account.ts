import type { Kept } from './season-store.ts'
import type { SeenPrice, Subscriber } from './season-subscribers.ts'

/** What one subscriber received, held against what the platform published. */
export type SubscriberAccount = {
  name: string
  received: number
  /** Prices published that it never saw. */
  gaps: number
  /** Prices it saw more than once, each time after the first. */
  doubles: number
  isInOrder: boolean
  connections: number
  refusals: readonly string[]
  /** Milliseconds from stored to seen, of prices stored while it was connected. */
  delays: { live: number; p50: number; p99: number; longest: number }
}

/** The whole account of one replay. */
export type SeasonAccount = {
  /** Price changes counted from the file alone. */
  computed: number
  /** Rows of `odds_quotes`. */
  stored: number
  /** Whether these rows are exactly the computed changes, each with its odds before and after. */
  isExact: boolean
  /** Rows of the events table. */
  published: number
  isDense: boolean
  subscribers: readonly SubscriberAccount[]
  /** Prices stored a second in the busiest second. */
  pricesPerSecond: number
  /** Whether all subscribers saw the same cursors in the same order. */
  isOneOrder: boolean
}

const at = (sorted: readonly number[], share: number) =>
  Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)

function delaysOf(seen: readonly SeenPrice[], { toldAt }: Kept): SubscriberAccount['delays'] {
  const live = seen
    .map(({ id, seenAt, connectedAt }) => ({ storedAt: toldAt.get(id) ?? 0, seenAt, connectedAt }))
    .filter(({ storedAt, connectedAt }) => storedAt > connectedAt)
    .map(({ storedAt, seenAt }) => seenAt - storedAt)
    .sort((left, right) => left - right)
  return { live: live.length, p50: at(live, 0.5), p99: at(live, 0.99), longest: at(live, 1) }
}

function accountOf(subscriber: Subscriber, kept: Kept): SubscriberAccount {
  const { name, seen, refusals, connections } = subscriber
  const ids = new Set(seen.map(({ id }) => id))
  return {
    name,
    received: seen.length,
    gaps: kept.told.filter((id) => !ids.has(id)).length,
    doubles: seen.length - ids.size,
    isInOrder: seen.map(({ id }) => id).join() === kept.told.join(),
    connections: connections(),
    refusals,
    delays: delaysOf(seen, kept),
  }
}

const SECOND_MS = 1_000

/** The most instants that lie within one second; they come in order. */
function busiestSecond(instants: readonly number[]): number {
  let first = 0
  let most = 0
  for (const [index, instant] of instants.entries()) {
    while ((instants[first] ?? instant) <= instant - SECOND_MS) first += 1
    most = Math.max(most, index - first + 1)
  }
  return most
}

/** Holds what was computed, kept and received against each other. */
export function settle(
  expected: readonly string[],
  { kept, subscribers }: { kept: Kept; subscribers: readonly Subscriber[] },
): SeasonAccount {
  const orders = new Set(subscribers.map(({ seen }) => seen.map(({ cursor }) => cursor).join()))
  return {
    computed: expected.length,
    stored: kept.quotes.length,
    isExact: [...expected].sort().join('\n') === [...kept.quotes].sort().join('\n'),
    published: kept.told.length,
    isDense: kept.isDense,
    subscribers: subscribers.map((subscriber) => accountOf(subscriber, kept)),
    pricesPerSecond: busiestSecond([...kept.toldAt.values()]),
    isOneOrder: orders.size === 1,
  }
}
