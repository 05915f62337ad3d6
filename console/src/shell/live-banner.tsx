import { Alert, Text } from '@mantine/core'
import { IconPlugConnectedX, IconWifiOff } from '@tabler/icons-react'
import { liveStatus, staleForMs, useIsOnline, useNow } from '../live/live-state.ts'
import { spanText } from '../parts/figures.ts'
import { useStore } from '../store.ts'

/** Says that what is shown is old, since when, and what becomes of it. */
export function LiveBanner() {
  const now = useNow()
  const status = useStore(liveStatus)
  const isOnline = useIsOnline()
  const silentMs = staleForMs(status, now)
  if (isOnline && silentMs === null) return null
  const since = silentMs === null ? '' : ` Live figures are ${spanText(silentMs)} old.`
  return (
    <Alert
      role="alert"
      mb="sm"
      color={isOnline ? 'yellow' : 'red'}
      variant="light"
      data-state={isOnline ? 'stale' : 'offline'}
      icon={isOnline ? <IconPlugConnectedX aria-hidden /> : <IconWifiOff aria-hidden />}
      title={isOnline ? 'The live connection is cut' : 'You are offline'}
    >
      <Text size="sm">
        {isOnline
          ? `${since.trim()} The console reconnects by itself and then goes on from the last event, without a gap. Do not act on these prices until then.`
          : `This device has no network.${since} What you see is what was known before; changes cannot be sent. Everything goes on by itself when the network is back.`}
      </Text>
    </Alert>
  )
}
