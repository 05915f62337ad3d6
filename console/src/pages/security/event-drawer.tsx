import { Button, Code, CopyButton, Drawer, Group, Stack, Text } from '@mantine/core'
import { IconCheck, IconCopy, IconLink } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { problemIn } from '../../api/problem.ts'
import { useAnswer } from '../../api/use-answer.ts'
import { ConsoleSecurityEventsDocument } from '../../gql/documents.ts'
import { Ago } from '../../parts/ago.tsx'
import { wholeTimeText } from '../../parts/figures.ts'
import { EmptyState, ProblemNote, SkeletonRows } from '../../parts/states.tsx'
import { EventRisk } from './event-risk.tsx'
import { eventWords } from './event-words.ts'
import classes from './security.module.css'
import { type EventFilters, personText, type SecurityEvent } from './security-event.ts'
import type { SecuritySearch } from './security-search.ts'

/** Events of one millisecond. */
const MOST_AT_ONCE = 100

type DrawerProps = {
  search: SecuritySearch
  /** The event as the list had it, where it was opened from there. */
  known: SecurityEvent | null
  onClose: () => void
  onFilter: (filters: EventFilters) => void
}

/** All that is known of one event; its address can be shared. */
export function EventDrawer({ search, known, onClose, onFilter }: DrawerProps) {
  const isOpen = search.event !== undefined
  return (
    <Drawer
      opened={isOpen}
      onClose={onClose}
      position="right"
      size="md"
      title="Security event"
      closeButtonProps={{ 'aria-label': 'Close the details' }}
    >
      {isOpen ? <Content {...{ search, known, onFilter }} /> : null}
    </Drawer>
  )
}

function Content({ search, known, onFilter }: Omit<DrawerProps, 'onClose'>) {
  const isKnown = known !== null && known.id === search.event
  const [{ data, error }, execute] = useAnswer({
    query: ConsoleSecurityEventsDocument,
    variables: { first: MOST_AT_ONCE, after: null, where: { at: { eq: search.at ?? null } } },
    pause: isKnown || search.at === undefined,
  })
  if (isKnown) return <EventFacts event={known} onFilter={onFilter} />
  if (error) {
    const retry = () => execute({ requestPolicy: 'network-only' })
    return <ProblemNote problem={problemIn(error)} onRetry={retry} />
  }
  if (!data) return <SkeletonRows rows={6} height={40} />
  const found = data.securityEvents?.edges.find(({ node }) => node.id === search.event)
  if (found) return <EventFacts event={found.node} onFilter={onFilter} />
  return (
    <EmptyState title="No such event here">
      It may lie beyond your reach, or be so old that it is no longer kept. Close this to see the
      list.
    </EmptyState>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

const NONE = <span className="quiet">none</span>
const UNKNOWN = <span className="quiet">not known</span>

function EventFacts({
  event,
  onFilter,
}: {
  event: SecurityEvent
  onFilter: (filters: EventFilters) => void
}) {
  const { id, eventType, at, riskScore, userId, actorId, tenantId, guildId } = event
  return (
    <Stack gap="sm">
      <div>
        <Text size="lg" fw={600} className={classes.wrap}>
          {eventWords(eventType)}
        </Text>
        <Code className={classes.wrap}>{eventType}</Code>
      </div>
      <dl className={classes.facts}>
        <Fact name="When">
          {wholeTimeText(at)} (<Ago at={at} /> ago)
        </Fact>
        <Fact name="Whom it concerns">
          <span title={personText(event)}>{personText(event)}</span>
        </Fact>
        <Fact name="Person id">{userId ?? NONE}</Fact>
        <Fact name="Who did it">
          {actorId === null ? (
            <span className="quiet">nobody signed in</span>
          ) : actorId === userId ? (
            'the same person'
          ) : (
            `person ${actorId}`
          )}
        </Fact>
        <Fact name="Risk">
          <EventRisk score={riskScore} />
        </Fact>
        <Fact name="Address">{event.ipAddress ?? UNKNOWN}</Fact>
        <Fact name="Program">
          {event.userAgent ? <span title={event.userAgent}>{event.userAgent}</span> : UNKNOWN}
        </Fact>
        <Fact name="Tenant id">{tenantId ?? NONE}</Fact>
        <Fact name="Guild id">{guildId ?? NONE}</Fact>
        <Fact name="Event id">{id}</Fact>
      </dl>
      <Details details={event.details} />
      <Group gap="xs">
        <Copy what={() => location.href} label="Copy link" Icon={IconLink} />
        <Button variant="default" size="xs" onClick={() => onFilter({ type: eventType })}>
          Only this type
        </Button>
        {userId === null ? null : (
          <Button variant="default" size="xs" onClick={() => onFilter({ userId })}>
            Only this person
          </Button>
        )}
      </Group>
    </Stack>
  )
}

function Details({ details }: { details: Record<string, unknown> }) {
  const text = JSON.stringify(details, null, 2)
  return (
    <section aria-label="Details">
      <Group justify="space-between" mb="xs">
        <Text size="sm" fw={600}>
          Details
        </Text>
        <Copy what={() => text} label="Copy details" Icon={IconCopy} />
      </Group>
      <Code block className={classes.json} tabIndex={0}>
        {text}
      </Code>
    </section>
  )
}

function Copy({ what, label, Icon }: { what: () => string; label: string; Icon: typeof IconCopy }) {
  return (
    <CopyButton value={what()} timeout={2_000}>
      {({ copied, copy }) => (
        <Button
          variant="default"
          size="xs"
          leftSection={
            copied ? <IconCheck size={16} aria-hidden /> : <Icon size={16} aria-hidden />
          }
          onClick={copy}
        >
          <span aria-live="polite">{copied ? 'Copied' : label}</span>
        </Button>
      )}
    </CopyButton>
  )
}
