import { Stack } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { useSearch } from '@tanstack/react-router'
import { useContext, useEffect, useMemo } from 'react'
import { useAnswer } from '../../api/use-answer.ts'
import { usePages } from '../../api/use-pages.ts'
import {
  ConsoleBettingAccountsDocument,
  ConsoleFixtureMovesDocument,
  ConsoleOddsBoardDocument,
  type ConsoleOddsBoardQuery,
  ConsoleOddsMovesDocument,
  type FixtureWhere,
} from '../../gql/documents.ts'
import { follow } from '../../live/follow.ts'
import { useReadSoon } from '../../live/use-read-soon.ts'
import { Page } from '../../parts/page.tsx'
import { EmptyState, ForbiddenState, ProblemNote, SkeletonRows } from '../../parts/states.tsx'
import { VirtualRows } from '../../parts/virtual-rows.tsx'
import { Prices } from '../../prices/prices.ts'
import { seedPrices } from '../../prices/seed-prices.ts'
import { PricesContext } from '../../prices/use-prices.ts'
import { useMay } from '../../session/rights.ts'
import { SlipButton } from '../../slip/slip-button.tsx'
import { SlipOnDemand } from '../../slip/slip-on-demand.tsx'
import type { BoardFixture } from './board.ts'
import { FixtureRow } from './fixture-row.tsx'
import classes from './odds.module.css'
import { OddsFilters } from './odds-filters.tsx'
import type { OddsSearch } from './odds-search.ts'

const NEEDS = ['odds:read', 'fixtures:read'] as const
const PAGE_SIZE = 25
/** Fixtures open and end in bursts. New markets, and what the market thinks, no event tells of. */
const PACE = { gatherMs: 1_500, everyMs: 20_000 }
const ROW_HEIGHT = 112
/** Cells whose figures stand below each other. */
const TALL_ROW_HEIGHT = 168
/** The fixture above its cells, as `odds.module.css` has it. */
const STACKED_ROW_HEIGHT = 264
const STACKED_BELOW = 720
const TALL_BELOW = 900

/** As high as what stands in a row at this width; 0: not measured yet. */
function rowHeightAt(width: number): number {
  if (width > 0 && width <= STACKED_BELOW) return STACKED_ROW_HEIGHT
  return width > 0 && width < TALL_BELOW ? TALL_ROW_HEIGHT : ROW_HEIGHT
}

function whereOf({ competition, q }: OddsSearch): FixtureWhere {
  const teams = q ? { or: [{ home: { contains: q } }, { away: { contains: q } }] } : {}
  return {
    status: { eq: 'SCHEDULED' },
    ...(competition ? { competition: { eq: competition } } : {}),
    ...teams,
  }
}

const fixturesIn = ({ fixtures }: ConsoleOddsBoardQuery) => fixtures

/** Fixtures by kick-off with the best prices as they move. */
export function OddsPage() {
  if (!useMay(...NEEDS)) {
    return (
      <Page title="Odds">
        <ForbiddenState what="odds" needs={NEEDS} />
      </Page>
    )
  }
  return <Board />
}

function Board() {
  const search = useSearch({ from: '/odds' })
  const prices = useMemo(() => new Prices(), [])
  const mayBet = useMay('bets:place')
  // The slip opens with what there is to spend.
  useAnswer({ query: ConsoleBettingAccountsDocument, pause: !mayBet })
  return (
    <PricesContext value={prices}>
      <Page
        title="Odds"
        lead="Fixtures by kick-off with the best price of each selection. “Model” and “market” are fair prices, without a margin; + says by how much the best price pays more than the model’s."
        actions={mayBet ? <SlipButton /> : null}
      >
        <Stack gap="sm" className={classes.board}>
          <OddsFilters search={search} />
          <Fixtures search={search} />
        </Stack>
      </Page>
      {mayBet ? <SlipOnDemand /> : null}
    </PricesContext>
  )
}

/** Puts prices as they move into the page, and reads the list anew when fixtures come and go. */
function useLiveBoard(competition: string | undefined, reload: () => void): void {
  const prices = useContext(PricesContext)
  const readSoon = useReadSoon(reload, PACE)
  useEffect(() => {
    const variables = competition ? { competition } : {}
    const leaveOdds = follow(ConsoleOddsMovesDocument, variables, {
      event: ({ oddsChanged }) => oddsChanged && prices.take(oddsChanged),
      reread: readSoon,
    })
    const leaveFixtures = follow(ConsoleFixtureMovesDocument, variables, {
      event: readSoon,
      reread: readSoon,
    })
    return () => {
      leaveOdds()
      leaveFixtures()
    }
  }, [prices, competition, readSoon])
}

function Fixtures({ search }: { search: OddsSearch }) {
  const prices = useContext(PricesContext)
  const { ref, width } = useElementSize()
  const where = whereOf(search)
  const { rows, isFirstLoad, hasMore, problem, loadMore, reload, retry } = usePages({
    document: ConsoleOddsBoardDocument,
    variables: { first: PAGE_SIZE, where },
    connectionIn: fixturesIn,
  })
  useLiveBoard(search.competition, reload)
  useMemo(() => {
    for (const { markets } of rows) seedPrices(prices, markets)
  }, [prices, rows])
  if (isFirstLoad) return <SkeletonRows rows={8} height={ROW_HEIGHT - 8} />
  if (problem && rows.length === 0) return <ProblemNote problem={problem} onRetry={reload} />
  if (rows.length === 0) return <NoFixtures search={search} />
  return (
    <div ref={ref}>
      {problem ? <ProblemNote problem={problem} onRetry={retry} /> : null}
      <VirtualRows<BoardFixture>
        label="Fixtures"
        rows={rows}
        keyOf={({ id }) => id}
        rowHeight={rowHeightAt(width)}
        maxHeight="calc(100vh - 248px)"
        onNearEnd={hasMore ? loadMore : undefined}
      >
        {(fixture) => <FixtureRow fixture={fixture} market={search.market} />}
      </VirtualRows>
    </div>
  )
}

function NoFixtures({ search }: { search: OddsSearch }) {
  const isFiltered = search.q !== undefined || search.competition !== undefined
  return (
    <EmptyState title={isFiltered ? 'No fixture fits' : 'No fixtures are open'}>
      {isFiltered
        ? 'Take a filter away, or wait: fixtures appear here as soon as they open.'
        : 'They appear here by themselves as soon as a feed opens some. Whoever runs the platform sees under “Tenants” and in its log whether a feed runs.'}
    </EmptyState>
  )
}
