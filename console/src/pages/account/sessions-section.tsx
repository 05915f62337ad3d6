import { Badge, Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useState } from 'react'
import { useChange } from '../../api/use-change.ts'
import type { Pages } from '../../api/use-pages.ts'
import { ConsoleEndSessionDocument, type ConsoleOwnSessionsQuery } from '../../gql/documents.ts'
import { Ago } from '../../parts/ago.tsx'
import { wholeTimeText } from '../../parts/figures.ts'
import { EmptyState, ProblemNote, SkeletonRows } from '../../parts/states.tsx'
import { tell } from '../../parts/tell.tsx'
import { VirtualRows } from '../../parts/virtual-rows.tsx'
import { signOut } from '../../session/session.ts'
import { usePlaceWords } from '../keys/places.ts'
import classes from './account.module.css'
import { Section } from './section.tsx'

/** One of one's own sessions. */
export type OwnSession = NonNullable<ConsoleOwnSessionsQuery['sessions']>['edges'][number]['node']

/** Where one is signed in, and the way to end it. */
export function SessionsSection({ pages }: { pages: Pages<OwnSession> }) {
  const [ending, setEnding] = useState<OwnSession | null>(null)
  const isNarrow = useMediaQuery('(max-width: 48em)') ?? false
  const { rows, isFirstLoad, isLoading, hasMore, problem, loadMore, retry } = pages
  const isEmpty = rows.length === 0 && !isLoading && !problem
  return (
    <Section
      title="Sessions"
      lead="Where you are or were signed in, newest first. End those that you do not know, then change your password."
      isWide
    >
      {isFirstLoad ? <SkeletonRows rows={3} height={64} /> : null}
      {problem ? <ProblemNote problem={problem} onRetry={retry} /> : null}
      {isEmpty ? (
        <EmptyState title="No sessions">Sign in anew to see the one that you use.</EmptyState>
      ) : null}
      {rows.length > 0 ? (
        <VirtualRows
          label="Your sessions"
          rows={rows}
          keyOf={({ id }) => id}
          rowHeight={isNarrow ? 80 : 56}
          maxHeight="400px"
          onNearEnd={hasMore ? loadMore : undefined}
        >
          {(session) => <SessionRow session={session} onEnd={() => setEnding(session)} />}
        </VirtualRows>
      ) : null}
      <Modal opened={ending !== null} onClose={() => setEnding(null)} title="End this session">
        {ending ? <EndForm session={ending} onClose={() => setEnding(null)} /> : null}
      </Modal>
    </Section>
  )
}

function SessionRow({ session, onEnd }: { session: OwnSession; onEnd: () => void }) {
  const place = usePlaceWords()(session)
  return (
    <div className={classes.session} data-session={session.id}>
      <span className={classes.place} title={place}>
        <strong>{place}</strong>
        {session.isThis ? (
          <Badge variant="light" color="teal" tt="none" fz={12} flex="none">
            this one
          </Badge>
        ) : null}
      </span>
      <End session={session} onEnd={onEnd} />
      <span className={`quiet ${classes.began}`} title={wholeTimeText(session.createdAt)}>
        began <Ago at={session.createdAt} /> ago
      </span>
      <span className="quiet" title={wholeTimeText(session.lastUsedAt)}>
        renewed <Ago at={session.lastUsedAt} /> ago
      </span>
    </div>
  )
}

function End({ session, onEnd }: { session: OwnSession; onEnd: () => void }) {
  if (session.endedAt) {
    return (
      <span className={`quiet ${classes.act}`} title={wholeTimeText(session.endedAt)}>
        ended
      </span>
    )
  }
  return (
    <span className={classes.act}>
      <Button
        variant="default"
        size="xs"
        onClick={session.isThis ? () => void signOut() : onEnd}
        aria-label={session.isThis ? 'Sign out of this session' : 'End this session'}
      >
        {session.isThis ? 'Sign out' : 'End'}
      </Button>
    </span>
  )
}

function EndForm({ session, onClose }: { session: OwnSession; onClose: () => void }) {
  const { run, isRunning, problem } = useChange(ConsoleEndSessionDocument)
  const place = usePlaceWords()(session)
  const end = async () => {
    if (!(await run({ input: { sessionId: session.id } }))?.revokeSession) return
    onClose()
    tell({
      tone: 'done',
      title: 'The session is ended',
      message: 'Whoever used it is signed out.',
    })
  }
  return (
    <Stack gap="sm">
      <Text size="sm">
        {`${place}, renewed last on ${wholeTimeText(session.lastUsedAt)}. `}
        Whoever uses it is signed out at once, live updates too. This one goes on.
      </Text>
      {problem ? <ProblemNote problem={problem} /> : null}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button color="red" loading={isRunning} onClick={() => void end()}>
          End the session
        </Button>
      </Group>
    </Stack>
  )
}
