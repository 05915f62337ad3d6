import type { SqlEntityManager } from '#kernel/db/database.ts'
import { CurrentPrice } from '../../entities/current-price.ts'
import { OddsQuote } from '../../entities/odds-quote.ts'
import type { PriceQuoted } from '../feeds/feed.ts'
import { type FeedMemory, offerText, type QuoteTarget, targetText } from './feed-memory.ts'

export type TargetedQuote = { quote: PriceQuoted; target: QuoteTarget }

export type PriceChange = { row: OddsQuote; competition: string }

type PriceTable = Map<string, CurrentPrice>

const offerOf = ({ quote, target }: TargetedQuote) =>
  offerText({ selectionId: target.selectionId, source: quote.source, side: quote.side })

async function findPrices(
  tx: SqlEntityManager,
  quotes: readonly TargetedQuote[],
): Promise<PriceTable> {
  if (quotes.length === 0) return new Map()
  const selectionIds = [...new Set(quotes.map(({ target }) => target.selectionId))]
  const sources = [...new Set(quotes.map(({ quote }) => quote.source))]
  const rows = await tx.find(CurrentPrice, {
    selectionId: { $in: selectionIds },
    source: { $in: sources },
  })
  return new Map(rows.map((row) => [offerText(row), row]))
}

function openPrice(tx: SqlEntityManager, { quote, target }: TargetedQuote): CurrentPrice {
  const { source, side, odds, at } = quote
  const { selectionId } = target
  const facts = { selectionId, source, side, odds, at, openingOdds: odds, changes: 0 }
  const price = tx.create(CurrentPrice, facts)
  tx.persist(price)
  return price
}

function writeQuote(
  tx: SqlEntityManager,
  { quote, target }: TargetedQuote,
  previousOdds: number | null,
): PriceChange {
  const { fixtureId, marketId, selectionId, competition } = target
  const { source, side, odds, at } = quote
  const ids = { fixtureId, marketId, selectionId }
  const row = tx.create(OddsQuote, { ...ids, source, side, odds, previousOdds, at })
  tx.persist(row)
  return { row, competition }
}

function applyQuote(tx: SqlEntityManager, one: TargetedQuote, table: PriceTable) {
  const { odds, at } = one.quote
  const standing = table.get(offerOf(one))
  if (!standing) {
    table.set(offerOf(one), openPrice(tx, one))
    return writeQuote(tx, one, null)
  }
  if (standing.odds === odds) return null
  const change = writeQuote(tx, one, standing.odds)
  Object.assign(standing, { odds, at, changes: standing.changes + 1 })
  return change
}

/** Quotes whose price is not the one that stood before the batch, and all others of such an offer. */
function touched(quotes: readonly TargetedQuote[], { prices }: FeedMemory) {
  const moving = new Set(
    quotes.filter((one) => prices.get(offerOf(one)) !== one.quote.odds).map(offerOf),
  )
  return quotes.filter((one) => moving.has(offerOf(one)))
}

/** Stores every change of a price, in the order told; a price that stands stores nothing. */
export async function storePrices(
  tx: SqlEntityManager,
  quotes: readonly TargetedQuote[],
  memory: FeedMemory,
): Promise<{ changes: PriceChange[]; remember: () => void }> {
  const affected = touched(quotes, memory)
  const table = await findPrices(tx, affected)
  const changes: PriceChange[] = []
  for (const one of affected) {
    const change = applyQuote(tx, one, table)
    if (change) changes.push(change)
  }
  await tx.flush()
  const remember = () => {
    for (const one of quotes) memory.targets.set(targetText(one.quote), one.target)
    for (const [offer, { odds }] of table) memory.prices.set(offer, odds)
  }
  return { changes, remember }
}
