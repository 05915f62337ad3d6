import { Button, Group, Loader, Text } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconArrowUp } from '@tabler/icons-react'
import { useMemo, useRef } from 'react'
import { type Pages, usePages } from '../../api/use-pages.ts'
import { ConsoleSecurityEventsDocument } from '../../gql/documents.ts'
import { countText } from '../../parts/figures.ts'
import { EmptyState, ProblemNote, SkeletonRows } from '../../parts/states.tsx'
import { VirtualRows } from '../../parts/virtual-rows.tsx'
import { EventColumns, EventRow, ROW_HEIGHTS } from './event-row.tsx'
import { MOST_FRESH } from './fresh-events.ts'
import classes from './security.module.css'
import { type EventFilters, type SecurityEvent, whereOf } from './security-event.ts'
import type { SecurityFeed } from './security-feed.ts'
import { useFreshEvents } from './use-fresh-events.ts'
import { useTopOfList } from './use-top-of-list.ts'

const PAGE = 100

export type EventListProps = {
  filters: EventFilters
  feed: SecurityFeed
  openId: string | undefined
  onOpen: (event: SecurityEvent) => void
  onClearFilters: () => void
  onRestart: () => void
}

/** The events that the filters choose: history page by page, and on top what happens now. */
export function EventList(props: EventListProps) {
  const { filters, feed, openId, onOpen, onClearFilters, onRestart } = props
  const pages = usePages({
    document: ConsoleSecurityEventsDocument,
    variables: { first: PAGE, where: whereOf(filters) },
    connectionIn: ({ securityEvents }) => securityEvents,
  })
  const historyIds = useMemo(() => new Set(pages.rows.map(({ id }) => id)), [pages.rows])
  const knownIds = useRef<ReadonlySet<string>>(historyIds)
  knownIds.current = historyIds
  const top = useTopOfList(() => showWaiting())
  const [fresh, showWaiting] = useFreshEvents({
    ...{ filters, feed, knownIds, isOnTop: top.isOnTop, onGap: onRestart },
  })
  const isNarrow = useMediaQuery('(max-width: 56em)', false, { getInitialValueInEffect: false })
  const rows = useMemo(
    () => [...fresh.shown.filter(({ id }) => !historyIds.has(id)), ...pages.rows],
    [fresh.shown, historyIds, pages.rows],
  )
  if (rows.length === 0) return <WithoutRows {...{ pages, filters, onClearFilters }} />
  return (
    <div className={classes.list} onScrollCapture={top.onScroll}>
      <EventColumns />
      <Waiting count={fresh.waiting.length} onShow={() => top.toTop()} />
      <VirtualRows
        label="Security events, newest first"
        rows={rows}
        keyOf={({ id }) => id}
        rowHeight={isNarrow ? ROW_HEIGHTS.narrow : ROW_HEIGHTS.wide}
        // Not while a page is on its way: its end may move, and the next one begins there.
        onNearEnd={pages.hasMore && !pages.isLoading ? pages.loadMore : undefined}
        footer={<Footer pages={pages} />}
      >
        {(event) => <EventRow event={event} isOpen={event.id === openId} onOpen={onOpen} />}
      </VirtualRows>
    </div>
  )
}

function Waiting({ count, onShow }: { count: number; onShow: () => void }) {
  const number = count > MOST_FRESH ? `${MOST_FRESH}+` : countText(count)
  return (
    <div className={classes.waiting} aria-live="polite">
      {count === 0 ? null : (
        <Button
          size="xs"
          radius="xl"
          leftSection={<IconArrowUp size={16} aria-hidden />}
          onClick={onShow}
        >
          {`${number} new ${count === 1 ? 'event' : 'events'}`}
        </Button>
      )}
    </div>
  )
}

type Shown = { pages: Pages<SecurityEvent> }

function Footer({ pages: { problem, retry, hasMore, isLoading } }: Shown) {
  if (problem) return <ProblemNote problem={problem} onRetry={retry} />
  return (
    <Group justify="center" gap="xs" p="xs" mih={40}>
      {hasMore && isLoading ? <Loader size={16} aria-hidden /> : null}
      <Text size="xs" className="quiet">
        {hasMore ? 'Older events follow as you scroll.' : 'These are all events within your reach.'}
      </Text>
    </Group>
  )
}

function WithoutRows({
  pages,
  filters,
  onClearFilters,
}: Shown & { filters: EventFilters; onClearFilters: () => void }) {
  if (pages.problem) return <ProblemNote problem={pages.problem} onRetry={pages.reload} />
  if (pages.isFirstLoad) return <SkeletonRows rows={10} height={56} />
  const isFiltered = filters.type !== undefined || filters.userId !== undefined
  if (!isFiltered) {
    return (
      <EmptyState title="No security events yet">
        Sign-ins, refusals and changed rights appear here as they happen. Leave the page open, or
        sign in in another window to see one.
      </EmptyState>
    )
  }
  return (
    <EmptyState
      title="No event fits these filters"
      action={
        <Button variant="default" onClick={onClearFilters}>
          Clear filters
        </Button>
      }
    >
      An event that fits appears here as soon as it happens. To see others, clear the filters.
    </EmptyState>
  )
}
