import { LRUCache } from 'lru-cache'
import { growingTo } from '#kernel/cache-bounds.ts'
import type { Fixture } from '../../entities/fixture.ts'
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
const MOST_FIXTURES = 20_000

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
    targets: new LRUCache<string, QuoteTarget>(growingTo(MOST_TARGETS)),
    /** Standing odds by offer. */
    prices: new LRUCache<string, number>(growingTo(MOST_PRICES)),
    /** Of fixtures that were taken back, by id: the version since which their prices are remembered. */
    versions: new LRUCache<string, number>(growingTo(MOST_FIXTURES)),
  }
}

/**
 * Whoever takes a result back removes the prices of its fixture: what is remembered of them stands no more, and a
 * price that is told again is stored again.
 */
export function forgetTakenBack(memory: FeedMemory, takenBack: readonly Fixture[]): void {
  const { prices, targets, versions } = memory
  const news = takenBack.filter(({ id, resultVersion }) => versions.get(id) !== resultVersion)
  if (news.length === 0) return
  for (const { id, resultVersion } of news) versions.set(id, resultVersion)
  const ids = new Set(news.map(({ id }) => id))
  const selections = [...targets.values()]
    .filter(({ fixtureId }) => ids.has(fixtureId))
    .map(({ selectionId }) => `${selectionId}\n`)
  for (const offer of [...prices.keys()]) {
    if (selections.some((selection) => offer.startsWith(selection))) prices.delete(offer)
  }
}
