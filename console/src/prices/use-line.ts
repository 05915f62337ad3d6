import { useContext, useEffect } from 'react'
import { useClient } from 'urql'
import { ConsoleQuoteHistoryDocument } from '../gql/documents.ts'
import { PricesContext } from './use-prices.ts'

/** The longest page that the platform gives. */
const MOST_QUOTES = 100

/** Reads how the prices of these selections came to where they are, once each is shown. */
export function useLine(selectionIds: readonly string[]): void {
  const client = useClient()
  const prices = useContext(PricesContext)
  const key = selectionIds.join(' ')
  useEffect(() => {
    const selections = key.split(' ')
    const variables = { selections, first: MOST_QUOTES }
    const options = { requestPolicy: 'cache-and-network' } as const
    const reading = client.query(ConsoleQuoteHistoryDocument, variables, options)
    // A line that cannot be read is left out: the prices themselves are there.
    const { unsubscribe } = reading.subscribe(({ data }) => {
      const quotes = data?.oddsQuotes?.edges.map(({ node }) => node) ?? []
      for (const id of selections) {
        const own = quotes.filter(({ selectionId }) => selectionId === id)
        prices.seedLine(
          id,
          own.map(({ source, odds, at }) => ({ source, odds, at: Date.parse(at) })),
        )
      }
    })
    return unsubscribe
  }, [client, prices, key])
}
