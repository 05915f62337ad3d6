import type { Prices } from './prices.ts'

type Movement = { source: string; side: 'BACK' | 'LAY'; currentOdds: number; at: string }

/** A market as both the board and a fixture's page read it. */
export type ReadMarket = {
  selections: readonly { id: string; movements?: readonly Movement[] | null | undefined }[]
  books?: readonly { source: string; isAggregate: boolean }[] | null | undefined
}

/** Takes what a query says of markets into the prices of the page. */
export function seedPrices(prices: Prices, markets: readonly ReadMarket[]): void {
  for (const { selections, books } of markets) {
    for (const { source, isAggregate } of books ?? []) if (isAggregate) prices.noteSummary(source)
    for (const { id, movements } of selections) {
      const back = (movements ?? []).filter(({ side }) => side === 'BACK')
      const read = back.map(({ source, currentOdds, at }) => ({
        source,
        odds: currentOdds,
        at: Date.parse(at),
      }))
      prices.seed(id, read)
    }
  }
}
