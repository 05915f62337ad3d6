import type { ConsoleOddsBoardQuery } from '../../gql/documents.ts'
import type { BoardMarket } from './odds-search.ts'

type Fixtures = NonNullable<ConsoleOddsBoardQuery['fixtures']>
export type BoardFixture = Fixtures['edges'][number]['node']
export type BoardFixtureMarket = BoardFixture['markets'][number]

/** Goals: the line that most boards lead with. */
const MAIN_LINE = 2_500

/** The market of a fixture that the board shows; of goals the main line, or the first there is. */
export function shownMarket(
  { markets }: BoardFixture,
  type: BoardMarket,
): BoardFixtureMarket | null {
  const found = markets.filter((market) => market.type === type)
  return found.find(({ line }) => line === MAIN_LINE) ?? found[0] ?? null
}

/** How many selections a market has. */
export const columnsOf = (type: BoardMarket): number => (type === 'MATCH_RESULT' ? 3 : 2)
