import { LRUCache } from 'lru-cache'
import type { FixtureKey, PriceQuoted } from '../feeds/feed.ts'

/** The rows that a quote belongs to. */
export type QuoteTarget = {
  fixtureId: string
  marketId: string
  selectionId: string
  competition: string
}

const MOST_TARGETS = 20_000
const MOST_PRICES = 100_000

export const fixtureText = ({ source, externalId }: FixtureKey) => `${source}\n${externalId}`

export const targetText = ({ fixture, market, selection }: PriceQuoted) =>
  `${fixtureText(fixture)}\n${market.type}\n${market.line ?? 0}\n${selection}`

type Offer = { selectionId: string; source: string; side: string }

export const offerText = ({ selectionId, source, side }: Offer) =>
  `${selectionId}\n${side}\n${source}`

export type FeedMemory = ReturnType<typeof createFeedMemory>

/**
 * What is known of the rows of one feed, so that a price that did not change costs no query. True only
 * while one process takes the feed in: it is made anew whenever the taking in begins again.
 */
export function createFeedMemory() {
  return {
    targets: new LRUCache<string, QuoteTarget>({ max: MOST_TARGETS }),
    /** Standing odds by offer. */
    prices: new LRUCache<string, number>({ max: MOST_PRICES }),
  }
}
