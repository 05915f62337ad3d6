import { createContext, useCallback, useContext, useSyncExternalStore } from 'react'
import { Prices, type SelectionPrices } from './prices.ts'

/** The prices of the page. */
export const PricesContext = createContext<Prices>(new Prices())

/** The prices of one selection, drawn anew when they change. */
export function useSelectionPrices(selectionId: string): SelectionPrices {
  const prices = useContext(PricesContext)
  const listen = useCallback(
    (listener: () => void) => prices.listen(selectionId, listener),
    [prices, selectionId],
  )
  return useSyncExternalStore(listen, () => prices.get(selectionId))
}
