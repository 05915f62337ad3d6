import { Alert, Button, Stack, Text } from '@mantine/core'
import { useStore } from '../store.ts'
import { endAllBets, pendingBets } from './pending-bets.ts'

/** Tells, also after a reload, that bets were sent whose answer never came. */
export function UnknownBets() {
  const bets = useStore(pendingBets)
  if (bets.size === 0) return null
  return (
    <Alert
      role="status"
      color="yellow"
      variant="light"
      title="A bet may have been placed"
      data-state="unknown-bets"
    >
      <Stack gap="xs" align="start">
        <Text size="sm">
          It was sent from here, and its answer never came. Look at My bets before you place
          another; the very same bet sent again counts once.
        </Text>
        <Button size="xs" variant="default" onClick={endAllBets}>
          I have looked
        </Button>
      </Stack>
    </Alert>
  )
}
