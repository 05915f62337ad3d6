import { useContext } from 'react'
import type { MarketType, SelectionName } from '../gql/documents.ts'
import { useNow } from '../live/live-state.ts'
import { PricesContext } from '../prices/use-prices.ts'
import { useMay } from '../session/rights.ts'
import { useStore } from '../store.ts'
import { chooseLeg, slip } from './slip.ts'

type Fixture = { id: string; home: string; away: string; startsAt: string; status: string }
type Market = { type: MarketType; line: number }
type Selection = { id: string; name: SelectionName }

/** What a price cell needs to put its selection on the slip; nothing where no bet is taken. */
export type Choice = {
  onChoose?: (() => void) | undefined
  isChosen: boolean
  /** The game has begun or ended. */
  isClosed: boolean
}

/** How the selections of a fixture are chosen: while it has not begun, by who may bet. */
export function useChooseLeg(fixture: Fixture): (market: Market, selection: Selection) => Choice {
  const prices = useContext(PricesContext)
  const { legs } = useStore(slip)
  const mayBet = useMay('bets:place')
  const isOpen = fixture.status === 'SCHEDULED' && Date.parse(fixture.startsAt) > useNow()
  return ({ type, line }, { id, name }) => {
    const isChosen = legs.some(({ selectionId }) => selectionId === id)
    if (!mayBet || !isOpen) return { isChosen, isClosed: !isOpen }
    const onChoose = () => {
      const { best } = prices.get(id)
      if (!best) return
      const { id: fixtureId, home, away, startsAt } = fixture
      const where = { fixtureId, home, away, startsAt, marketType: type, line }
      chooseLeg({ ...where, selectionId: id, selection: name, odds: best.odds })
    }
    return { onChoose, isChosen, isClosed: false }
  }
}
