import { Button, Group, Stack, Text } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useState } from 'react'
import { Page } from '../../parts/page.tsx'
import { ForbiddenState } from '../../parts/states.tsx'
import { useMay } from '../../session/rights.ts'
import { DayCounts } from './day-counts.tsx'
import { EventDrawer } from './event-drawer.tsx'
import { EventFilters } from './event-filters.tsx'
import { EventList } from './event-list.tsx'
import type { EventFilters as Filters, SecurityEvent } from './security-event.ts'
import { useSecurityFeed } from './security-feed.ts'
import { type EventCounts, useEventCounts } from './use-event-counts.ts'

/** What happened to accounts and rights, and what happens now. */
export function SecurityPage() {
  const mayRead = useMay('security:read')
  return (
    <Page
      title="Security"
      lead="Sign-ins, refusals and changed rights within your reach, as they happen."
    >
      {mayRead ? <Events /> : <ForbiddenState what="security events" needs={['security:read']} />}
    </Page>
  )
}

function Events() {
  const search = useSearch({ from: '/security' })
  const navigate = useNavigate({ from: '/security' })
  const feed = useSecurityFeed()
  const counts = useEventCounts(feed)
  const [known, setKnown] = useState<SecurityEvent | null>(null)
  const [turn, setTurn] = useState(0)
  const { type, userId } = search
  const filters: Filters = { ...(type ? { type } : {}), ...(userId ? { userId } : {}) }
  const choose = (chosen: Filters) => void navigate({ search: chosen, resetScroll: false })
  const open = (event: SecurityEvent) => {
    setKnown(event)
    const shown = { ...filters, event: event.id, at: event.at }
    void navigate({ search: shown, resetScroll: false })
  }
  const restart = useCallback(() => setTurn((before) => before + 1), [])
  return (
    <Stack gap="md">
      {counts.problem ? <CountsFailed {...counts} /> : null}
      {counts.problem && counts.lastDay === null ? null : (
        <DayCounts
          counts={counts.lastDay}
          chosen={type}
          onChoose={(chosen) => choose({ ...withType(chosen), ...(userId ? { userId } : {}) })}
        />
      )}
      <EventFilters filters={filters} counts={counts.allTime} onChange={choose} />
      <EventList
        key={`${type ?? ''} ${userId ?? ''} ${turn}`}
        filters={filters}
        feed={feed}
        openId={search.event}
        onOpen={open}
        onClearFilters={() => choose({})}
        onRestart={restart}
      />
      <EventDrawer
        search={search}
        known={known}
        onClose={() => choose(filters)}
        onFilter={choose}
      />
    </Stack>
  )
}

/** Less than a problem of the page: the list says for itself whether it can be read. */
function CountsFailed({ reload }: EventCounts) {
  return (
    <Group gap="xs">
      <Text size="sm" className="quiet">
        The counts of the last 24 hours could not be read.
      </Text>
      <Button size="xs" variant="default" onClick={reload}>
        Read the counts again
      </Button>
    </Group>
  )
}

const withType = (type: string | undefined): Filters => (type ? { type } : {})
