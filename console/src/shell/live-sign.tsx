import { Badge, Popover, Stack, Text, UnstyledButton } from '@mantine/core'
import { liveFigures, liveStatus, staleForMs, useIsOnline, useNow } from '../live/live-state.ts'
import { countText, spanText } from '../parts/figures.ts'
import { useStore } from '../store.ts'

const WORDS = {
  idle: { text: 'No live data', color: 'gray', sign: '○' },
  connecting: { text: 'Connecting', color: 'yellow', sign: '◌' },
  live: { text: 'Live', color: 'green', sign: '●' },
  waiting: { text: 'Reconnecting', color: 'yellow', sign: '◌' },
  offline: { text: 'Offline', color: 'red', sign: '✕' },
  stale: { text: 'Old', color: 'red', sign: '!' },
} as const

/** How the live connection stands; opened, its figures. */
export function LiveSign() {
  const now = useNow()
  const status = useStore(liveStatus)
  const isOnline = useIsOnline()
  const isOld = staleForMs(status, now) !== null
  const shown = !isOnline ? 'offline' : isOld ? 'stale' : status
  const { text, color, sign } = WORDS[shown]
  const { events, resumed, reread, heardAt } = liveFigures
  return (
    <Popover position="bottom-end" withArrow width={256}>
      <Popover.Target>
        <UnstyledButton aria-label={`Live connection: ${text}`} data-live={shown}>
          <Badge variant="light" color={color} size="lg" tt="none">
            <span aria-hidden>{`${sign} `}</span>
            {text}
          </Badge>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap={4}>
          <Figure name="Events on this page" value={countText(events)} id="events" />
          <Figure name="Gone on after a cut" value={countText(resumed)} id="resumed" />
          <Figure name="Read anew, history gone" value={countText(reread)} id="reread" />
          <Figure
            name="Last heard"
            value={heardAt === 0 ? 'not yet' : `${spanText(now - heardAt)} ago`}
            id="heard"
          />
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}

function Figure({ name, value, id }: { name: string; value: string; id: string }) {
  return (
    <Text size="sm" display="flex" style={{ justifyContent: 'space-between' }}>
      <span className="quiet">{name}</span>
      <strong data-figure={id}>{value}</strong>
    </Text>
  )
}
