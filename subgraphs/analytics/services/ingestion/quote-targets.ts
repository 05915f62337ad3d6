import type { SqlEntityManager } from '#kernel/db/database.ts'
import type { Fixture } from '../../entities/fixture.ts'
import { Market } from '../../entities/market.ts'
import { Selection } from '../../entities/selection.ts'
import type { PriceQuoted } from '../feeds/feed.ts'
import { type FeedMemory, fixtureText, targetText } from './feed-memory.ts'
import type { FixtureTable } from './store-fixtures.ts'
import type { TargetedQuote } from './store-prices.ts'

type Placed = { quote: PriceQuoted; fixture: Fixture }

const marketText = (fixtureId: string, { type, line }: { type: string; line: number | null }) =>
  `${fixtureId}\n${type}\n${line ?? 0}`

/** The markets of these quotes by question; missing ones are made. */
async function findMarkets(tx: SqlEntityManager, placed: readonly Placed[]) {
  const fixtureIds = [...new Set(placed.map(({ fixture }) => fixture.id))]
  const found = await tx.find(Market, { fixtureId: { $in: fixtureIds } })
  const table = new Map(found.map((market) => [marketText(market.fixtureId, market), market]))
  for (const { quote, fixture } of placed) {
    const { type, line } = quote.market
    const key = marketText(fixture.id, quote.market)
    if (table.has(key)) continue
    const market = tx.create(Market, { fixtureId: fixture.id, type, line: line ?? 0 })
    tx.persist(market)
    table.set(key, market)
  }
  await tx.flush()
  return table
}

/** The selections of these quotes by answer; missing ones are made. */
async function findSelections(
  tx: SqlEntityManager,
  placed: readonly Placed[],
  markets: ReadonlyMap<string, Market>,
) {
  const marketIds = [...markets.values()].map(({ id }) => id)
  const found = await tx.find(Selection, { marketId: { $in: marketIds } })
  const table = new Map(found.map((selection) => [targetOf(selection), selection]))
  for (const { quote, fixture } of placed) {
    const market = markets.get(marketText(fixture.id, quote.market))
    if (!market) continue
    const answer = { marketId: market.id, name: quote.selection }
    if (table.has(targetOf(answer))) continue
    const selection = tx.create(Selection, answer)
    tx.persist(selection)
    table.set(targetOf(answer), selection)
  }
  await tx.flush()
  return table
}

const targetOf = ({ marketId, name }: Pick<Selection, 'marketId' | 'name'>) =>
  `${marketId}\n${name}`

/** Gives each quote its rows, from memory or the tables; quotes of unknown fixtures are left over. */
export async function findTargets(
  tx: SqlEntityManager,
  quotes: readonly PriceQuoted[],
  { memory, fixtures }: { memory: FeedMemory; fixtures: FixtureTable },
): Promise<{ targeted: TargetedQuote[]; homeless: PriceQuoted[] }> {
  const isRemembered = (quote: PriceQuoted) => memory.targets.has(targetText(quote))
  const placed = quotes.flatMap((quote) => {
    const fixture = isRemembered(quote) ? undefined : fixtures.get(fixtureText(quote.fixture))
    return fixture ? [{ quote, fixture }] : []
  })
  const markets = placed.length > 0 ? await findMarkets(tx, placed) : new Map<string, Market>()
  const selections = placed.length > 0 ? await findSelections(tx, placed, markets) : new Map()
  const targeted: TargetedQuote[] = []
  const homeless: PriceQuoted[] = []
  for (const quote of quotes) {
    const fixture = fixtures.get(fixtureText(quote.fixture))
    const market = fixture && markets.get(marketText(fixture.id, quote.market))
    const answer =
      market && selections.get(targetOf({ marketId: market.id, name: quote.selection }))
    const target =
      memory.targets.get(targetText(quote)) ??
      (fixture && market && answer
        ? {
            fixtureId: fixture.id,
            marketId: market.id,
            selectionId: answer.id as string,
            competition: fixture.competition,
          }
        : null)
    if (target) targeted.push({ quote, target })
    else homeless.push(quote)
  }
  return { targeted, homeless }
}
