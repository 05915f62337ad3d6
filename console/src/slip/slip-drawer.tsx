import { Button, Drawer, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { problemIn } from '../api/problem.ts'
import { useAnswer } from '../api/use-answer.ts'
import { ConsoleBettingAccountsDocument } from '../gql/documents.ts'
import { EmptyState, ProblemNote, SkeletonRows } from '../parts/states.tsx'
import { useStore } from '../store.ts'
import { PlacedNote } from './placed-note.tsx'
import { clearSlip, closeSlip, slip } from './slip.ts'
import { SlipForm } from './slip-form.tsx'
import { SlipLegs } from './slip-legs.tsx'
import type { PlacedBet } from './use-place-bet.ts'

/** The slip: what is to be bet on, how much, and what became of it. `onClosed`: it is out of sight. */
export function SlipDrawer({ onClosed }: { onClosed: () => void }) {
  const { legs, isOpen } = useStore(slip)
  const [placed, setPlaced] = useState<PlacedBet | null>(null)
  const close = () => {
    setPlaced(null)
    closeSlip()
  }
  const isPlaced = placed !== null && legs.length === 0
  return (
    <Drawer
      opened={isOpen}
      onClose={close}
      returnFocus={false}
      onExitTransitionEnd={onClosed}
      position="right"
      size={400}
      title={<Text fw={650}>{isPlaced ? 'Bet placed' : 'Slip'}</Text>}
      closeButtonProps={{ 'aria-label': 'Close the slip' }}
      overlayProps={{ backgroundOpacity: 0.25 }}
    >
      {isPlaced ? <PlacedNote bet={placed} onClose={close} /> : null}
      {!isPlaced && legs.length === 0 ? (
        <EmptyState
          title="Nothing is on the slip"
          action={<Button onClick={close}>To the odds</Button>}
        >
          Choose a price on the board; several of different games become one bet.
        </EmptyState>
      ) : null}
      {legs.length > 0 ? (
        <Written
          onPlaced={(bet) => {
            setPlaced(bet)
            clearSlip()
          }}
        />
      ) : null}
    </Drawer>
  )
}

function Written({ onPlaced }: { onPlaced: (bet: PlacedBet) => void }) {
  const { legs } = useStore(slip)
  const [{ data, error, fetching }, again] = useAnswer({ query: ConsoleBettingAccountsDocument })
  const read = data?.me?.accounts
  const accounts = (read?.edges ?? [])
    .map(({ node }) => node)
    .filter(({ kind }) => kind === 'PLAYER')
  return (
    <Stack gap="sm">
      <SlipLegs legs={legs} />
      {error && !read ? (
        <ProblemNote
          problem={problemIn(error)}
          onRetry={() => again({ requestPolicy: 'network-only' })}
        />
      ) : null}
      {fetching && !read ? <SkeletonRows rows={3} height={40} /> : null}
      {read && accounts.length === 0 ? (
        <EmptyState title="You have no account to bet from">
          Ask whoever runs your community to open one and to put money on it, then open the slip
          again.
        </EmptyState>
      ) : null}
      {accounts.length > 0 ? (
        <SlipForm accounts={accounts} legs={legs} onPlaced={onPlaced} />
      ) : null}
    </Stack>
  )
}
