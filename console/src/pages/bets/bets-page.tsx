import { SegmentedControl, Stack } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect } from 'react'
import { usePages } from '../../api/use-pages.ts'
import {
  type BetWhere,
  ConsoleBetMovesDocument,
  ConsoleMyBetsDocument,
  type ConsoleMyBetsQuery,
} from '../../gql/documents.ts'
import { follow } from '../../live/follow.ts'
import { useReadSoon } from '../../live/use-read-soon.ts'
import { Page } from '../../parts/page.tsx'
import { EmptyState, ForbiddenState, ProblemNote, SkeletonRows } from '../../parts/states.tsx'
import { VirtualRows } from '../../parts/virtual-rows.tsx'
import { useMay } from '../../session/rights.ts'
import { Balances } from './balances.tsx'
import { BetRow, type MyBet } from './bet-row.tsx'
import type { BetsSearch } from './bets-search.ts'

const PAGE_SIZE = 30
const ROW_HEIGHT = 104
const NARROW_ROW_HEIGHT = 128
const PACE = { gatherMs: 500, everyMs: 15_000 }

const WHERE: Readonly<Record<BetsSearch['status'], BetWhere | null>> = {
  all: null,
  open: { status: { eq: 'OPEN' } },
  settled: { status: { in: ['SETTLED', 'CASHED_OUT'] } },
}

const betsIn = ({ me }: ConsoleMyBetsQuery) => me?.bets

/** One's own bets and money, as they change. */
export function BetsPage() {
  if (!useMay('bets:place')) {
    return (
      <Page title="My bets">
        <ForbiddenState what="bets of your own" needs={['bets:place']} />
      </Page>
    )
  }
  return <MyBets />
}

function MyBets() {
  const { status } = useSearch({ from: '/bets' })
  const navigate = useNavigate({ from: '/bets' })
  return (
    <Page title="My bets" lead="What you have placed, what it may pay, and what you may spend.">
      <Stack gap="sm">
        <Balances />
        <SegmentedControl
          aria-label="Which bets"
          value={status}
          onChange={(value) =>
            void navigate({ search: { status: value as BetsSearch['status'] }, replace: true })
          }
          data={[
            { value: 'all', label: 'All' },
            { value: 'open', label: 'Open' },
            { value: 'settled', label: 'Settled' },
          ]}
          style={{ alignSelf: 'start' }}
        />
        <Bets status={status} />
      </Stack>
    </Page>
  )
}

/** Reads the list anew after changes, and what bets could be sold for as the odds move. */
function useLiveBets(reload: () => void): void {
  const readSoon = useReadSoon(reload, PACE)
  useEffect(
    () => follow(ConsoleBetMovesDocument, {}, { event: readSoon, reread: readSoon }),
    [readSoon],
  )
}

function Bets({ status }: BetsSearch) {
  const { rows, isFirstLoad, hasMore, problem, loadMore, reload, retry } = usePages({
    document: ConsoleMyBetsDocument,
    variables: { first: PAGE_SIZE, where: WHERE[status] },
    connectionIn: betsIn,
  })
  const isNarrow = useMediaQuery('(max-width: 40em)') ?? false
  useLiveBets(reload)
  if (isFirstLoad) return <SkeletonRows rows={5} height={ROW_HEIGHT - 8} />
  if (problem && rows.length === 0) return <ProblemNote problem={problem} onRetry={reload} />
  if (rows.length === 0) {
    return (
      <EmptyState
        title={status === 'all' ? 'You have no bets yet' : 'None of your bets is like that'}
      >
        Choose a price on the odds board; what you place appears here at once.
      </EmptyState>
    )
  }
  return (
    <>
      {problem ? <ProblemNote problem={problem} onRetry={retry} /> : null}
      <VirtualRows<MyBet>
        label="Bets, newest first"
        rows={rows}
        keyOf={({ id }) => id}
        rowHeight={isNarrow ? NARROW_ROW_HEIGHT : ROW_HEIGHT}
        onNearEnd={hasMore ? loadMore : undefined}
      >
        {(bet) => <BetRow bet={bet} />}
      </VirtualRows>
    </>
  )
}
