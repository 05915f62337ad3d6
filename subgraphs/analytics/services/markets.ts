import { createGroupBatch, createRowBatch } from '#kernel/db/batches.ts'
import { isDecimalId } from '#kernel/ids.ts'
import { CurrentPrice } from '../entities/current-price.ts'
import { MARKET_TYPES, Market } from '../entities/market.ts'
import type { Side } from '../entities/odds-quote.ts'
import { SELECTION_NAMES, Selection } from '../entities/selection.ts'
import {
  bestPrice,
  consensus,
  fairOdds,
  type MarketBook,
  type Movement,
  movement,
  overround,
} from './consensus.ts'
import { AGGREGATE_SOURCES } from './feeds/feed.ts'
import type { AnalyticsRequest } from './request.ts'

/** One source's prices of a whole market. */
export type SourceBook = MarketBook & {
  overround: number
  /** It summarises other sources. */
  isAggregate: boolean
}

/** What a market's sources think together of one selection. */
export type SelectionChance = { selection: Selection; probability: number; fairOdds: number }

export type MarketConsensus = {
  chances: readonly SelectionChance[]
  sources: number
  meanOverround: number
}

/** How one source's price moved since its first. */
export type PriceMovement = Movement &
  Pick<CurrentPrice, 'source' | 'side' | 'openingOdds' | 'odds' | 'changes' | 'at'>

const isAggregate = (source: string) => AGGREGATE_SOURCES.includes(source)

type Offers = readonly { selection: Selection; prices: readonly CurrentPrice[] }[]

/** Sources with a back price for every selection; what is incomplete says nothing of the margin. */
function completeBooks(offers: Offers): SourceBook[] {
  if (offers.length < 2) return []
  const backs = offers.map(({ prices }) => prices.filter(({ side }) => side === 'back'))
  const sources = [...new Set(backs.flat().map(({ source }) => source))].sort()
  return sources.flatMap((source) => {
    const odds = backs.flatMap((prices) =>
      prices.filter((price) => price.source === source).map((price) => price.odds),
    )
    if (odds.length < offers.length) return []
    return [{ source, odds, overround: overround(odds), isAggregate: isAggregate(source) }]
  })
}

function toConsensus(offers: Offers): MarketConsensus | null {
  const found = consensus(completeBooks(offers).filter((book) => !book.isAggregate))
  if (!found) return null
  const { probabilities, sources, meanOverround } = found
  const chances = offers.map(({ selection }, index) => {
    const probability = probabilities[index] ?? 0
    return { selection, probability, fairOdds: fairOdds(probability) }
  })
  return { chances, sources, meanOverround }
}

function toMovement(price: CurrentPrice): PriceMovement {
  const { source, side, openingOdds, odds, changes, at } = price
  return { ...movement(openingOdds, odds), source, side, openingOdds, odds, changes, at }
}

const byQuestion = (left: Market, right: Market) =>
  MARKET_TYPES.indexOf(left.type) - MARKET_TYPES.indexOf(right.type) || left.line - right.line

const byAnswer = (left: Selection, right: Selection) =>
  SELECTION_NAMES.indexOf(left.name) - SELECTION_NAMES.indexOf(right.name)

function createBatches({ read }: AnalyticsRequest) {
  return {
    market: createRowBatch(
      (ids) => read().find(Market, { id: { $in: [...ids] } }),
      ({ id }: Market) => id,
    ),
    selection: createRowBatch(
      (ids) => read().find(Selection, { id: { $in: [...ids] } }),
      ({ id }: Selection) => id,
    ),
    markets: createGroupBatch(
      (ids) => read().find(Market, { fixtureId: { $in: [...ids] } }),
      ({ fixtureId }: Market) => fixtureId,
    ),
    selections: createGroupBatch(
      (ids) => read().find(Selection, { marketId: { $in: [...ids] } }),
      ({ marketId }: Selection) => marketId,
    ),
    prices: createGroupBatch(
      (ids) => read().find(CurrentPrice, { selectionId: { $in: [...ids] } }),
      ({ selectionId }: CurrentPrice) => selectionId,
    ),
  }
}

export type Markets = ReturnType<typeof createMarkets>

/** Markets, selections and standing prices: a constant number of queries, however many are asked for. */
export function createMarkets(request: AnalyticsRequest) {
  const batches = createBatches(request)
  const selectionsOf = async (marketId: string) =>
    (await batches.selections(marketId)).toSorted(byAnswer)
  const offersOf = async (marketId: string): Promise<Offers> =>
    Promise.all(
      (await selectionsOf(marketId)).map(async (selection) => ({
        selection,
        prices: await batches.prices(selection.id),
      })),
    )
  return {
    byId: async (id: string) => (isDecimalId(id) ? batches.market(id) : null),
    selectionById: async (id: string) => (isDecimalId(id) ? batches.selection(id) : null),
    ofFixture: async (fixtureId: string) => (await batches.markets(fixtureId)).toSorted(byQuestion),
    selectionsOf,
    booksOf: async (marketId: string) => completeBooks(await offersOf(marketId)),
    /** Null without a source that prices the whole market itself. */
    consensusOf: async (marketId: string) => toConsensus(await offersOf(marketId)),
    /** The best price of those who take bets themselves, or null. */
    bestOf: async (selectionId: string, side: Side) => {
      const prices = await batches.prices(selectionId)
      return bestPrice(
        prices.filter(({ source }) => !isAggregate(source)),
        side,
      )
    },
    movementsOf: async (selectionId: string, sources: readonly string[] | null | undefined) =>
      (await batches.prices(selectionId))
        .filter(({ source }) => !sources || sources.includes(source))
        .toSorted((left, right) => (left.source < right.source ? -1 : 1))
        .map(toMovement),
  }
}
