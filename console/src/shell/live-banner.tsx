import { Alert, Button, Stack, Text } from '@mantine/core'
import { IconPlugConnectedX, IconWifiOff } from '@tabler/icons-react'
import { endedFeeds, liveStatus, staleForMs, useIsOnline, useNow } from '../live/live-state.ts'
import { spanText } from '../parts/figures.ts'
import { useStore } from '../store.ts'
import classes from './shell.module.css'

/** Says, wherever the page is scrolled to, that what is shown is old, since when, and what becomes of it. */
export function LiveBanner() {
  const now = useNow()
  const status = useStore(liveStatus)
  const isOnline = useIsOnline()
  const silentMs = staleForMs(status, now)
  return (
    <div className={classes.banner}>
      {isOnline && silentMs !== null ? <Cut silentMs={silentMs} /> : null}
      {isOnline ? null : <Offline silentMs={silentMs} />}
      <Ended />
    </div>
  )
}

/** Counts on each second beside the sentence that is read aloud, which stays as it is. */
function HowOld({ silentMs }: { silentMs: number | null }) {
  if (silentMs === null) return null
  return (
    <Text size="sm" aria-hidden>
      {`Live figures are ${spanText(silentMs)} old.`}
    </Text>
  )
}

function Cut({ silentMs }: { silentMs: number }) {
  return (
    <Alert
      color="yellow"
      variant="light"
      role="presentation"
      data-state="stale"
      icon={<IconPlugConnectedX aria-hidden />}
      title="The live connection is cut"
    >
      <Text size="sm" role="alert">
        The console reconnects by itself and then goes on from the last event, without a gap. Do not
        act on these prices until then.
      </Text>
      <HowOld silentMs={silentMs} />
    </Alert>
  )
}

function Offline({ silentMs }: { silentMs: number | null }) {
  return (
    <Alert
      color="red"
      variant="light"
      role="presentation"
      data-state="offline"
      icon={<IconWifiOff aria-hidden />}
      title="You are offline"
    >
      <Text size="sm" role="alert">
        What you see is what was known before; changes cannot be sent. Everything goes on by itself
        when the network is back.
      </Text>
      <HowOld silentMs={silentMs} />
    </Alert>
  )
}

function Ended() {
  const [end] = useStore(endedFeeds)
  if (!end) return null
  return (
    <Alert
      color="yellow"
      variant="light"
      role="alert"
      data-state="feed-ended"
      data-code={end.code}
      icon={<IconPlugConnectedX aria-hidden />}
      title="A part of this page is not live any more"
    >
      <Stack gap="xs" align="start">
        <Text size="sm">{`${end.message} What it shows may be old. Load the page again to try anew.`}</Text>
        <Button size="xs" variant="default" onClick={() => location.reload()}>
          Load the page again
        </Button>
      </Stack>
    </Alert>
  )
}
