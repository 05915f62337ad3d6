import { Button } from '@mantine/core'
import { IconReceipt2 } from '@tabler/icons-react'
import { useStore } from '../store.ts'
import { openSlip, slip } from './slip.ts'

/** Opens the slip, and tells how much is on it. */
export function SlipButton() {
  const { legs } = useStore(slip)
  return (
    <Button
      variant="default"
      leftSection={<IconReceipt2 size={16} aria-hidden />}
      onClick={openSlip}
    >
      {legs.length === 0 ? 'Slip' : `Slip (${legs.length})`}
    </Button>
  )
}
