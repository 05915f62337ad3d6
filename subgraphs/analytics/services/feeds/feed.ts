import type { MarketType } from '../../entities/market.ts'
import type { Side } from '../../entities/odds-quote.ts'
import type { SelectionName } from '../../entities/selection.ts'

export type { MarketType, Side }

/** An answer to a market's question. */
export type Selection = SelectionName

/** A question about a fixture. `line` is in thousandths of a goal (2.5 = 2500), null where there is none. */
export type MarketKey = { readonly type: MarketType; readonly line: number | null }

/** A fixture as its feed names it: unique within `source`, at most 191 characters. */
export type FixtureKey = { readonly source: string; readonly externalId: string }

export type FixtureSeen = {
  readonly kind: 'fixture'
  readonly fixture: FixtureKey & {
    readonly competition: string
    /** As in "2023-24", or null where the feed does not say. */
    readonly season: string | null
    readonly home: string
    readonly away: string
    readonly startsAt: Date
  }
  readonly at: Date
}

export type PriceQuoted = {
  readonly kind: 'quote'
  readonly fixture: FixtureKey
  readonly market: MarketKey
  readonly selection: Selection
  readonly side: Side
  /** Who offers the price: a bookmaker's key, or one of AGGREGATE_SOURCES. */
  readonly source: string
  /** Decimal odds in thousandths: 2.10 is 2100. */
  readonly odds: number
  readonly at: Date
}

export type ResultKnown = {
  readonly kind: 'result'
  readonly fixture: FixtureKey
  readonly homeGoals: number
  readonly awayGoals: number
  readonly at: Date
}

export type RejectionCode =
  | 'FEED_ROW_INVALID'
  | 'FEED_HTTP_REFUSED'
  | 'FEED_HTTP_UNREACHABLE'
  | 'FEED_ANSWER_INVALID'
  | 'FEED_ANSWER_TOO_LARGE'

/** Something the feed could not use. Never carries text of the sender: `reason` is one of our own words. */
export type FeedRejected = {
  readonly kind: 'rejected'
  readonly source: string
  readonly code: RejectionCode
  /** Line of the file (the header is line 1), or the game's place in an answer from 1; null for a whole answer. */
  readonly line: number | null
  readonly reason: string
  /** When it was refused; null for a file, whose broken rows belong to no instant. */
  readonly at: Date | null
}

/** What a feed tells, before it has its place in the run. */
export type FeedDraft = FixtureSeen | PriceQuoted | ResultKnown | FeedRejected

/** What a feed tells. `position` counts from 1 without holes within one run of a source. */
export type FeedEvent = FeedDraft & { readonly position: number }

export type FeedRequest = {
  readonly signal: AbortSignal
  /** The last position already taken; 0 or absent starts at the beginning. */
  readonly after?: number
}

/**
 * Where an event's time comes from: `recorded` in the data, `assumed` from a convention because the data only has
 * days, `live` as it happened, `simulated`, or `replayed` (moved to another time on purpose).
 */
export type FeedTiming = 'recorded' | 'assumed' | 'live' | 'simulated' | 'replayed'

/** One origin of odds. Ends quietly when the signal aborts; throws coded errors only for faults of the whole feed. */
export type FeedSource = {
  readonly name: string
  readonly isSimulated: boolean
  /** True when it never ends by itself. */
  readonly isEndless: boolean
  readonly timing: FeedTiming
  /** Names this run: a position may be resumed only under the same identity (same bytes, same settings). */
  identify: () => Promise<string>
  events: (request: FeedRequest) => AsyncIterable<FeedEvent>
}

/** Prices that summarise other bookmakers: shown as such, never counted again in a consensus or a best price. */
export const MARKET_AVERAGE = 'market-average'
export const MARKET_MAXIMUM = 'market-maximum'
export const AGGREGATE_SOURCES: readonly string[] = [MARKET_AVERAGE, MARKET_MAXIMUM]
