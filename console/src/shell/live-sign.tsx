import { Popover, Stack, Text, UnstyledButton } from '@mantine/core'
import { liveFigures, liveStatus, staleForMs, useIsOnline, useNow } from '../live/live-state.ts'
import { countText, spanText } from '../parts/figures.ts'
import { useStore } from '../store.ts'
import classes from './live-sign.module.css'

/** The dot says it by its form too: full, hollow, square. */
const WORDS = {
  idle: 'No live data',
  connecting: 'Connecting',
  live: 'Live',
  waiting: 'Reconnecting',
  offline: 'Offline',
  stale: 'Old',
} as const

/** What the feeds of the console's pages are called. */
const FEEDS: Readonly<Record<string, string>> = {
  ConsoleOddsMoves: 'Price changes',
  ConsoleFixtureMoves: 'Changes of fixtures',
  ConsoleBetMoves: 'Changes of bets',
  ConsoleBalanceMoves: 'Changes of balances',
  ConsoleSecurityEventHappened: 'Security events',
  ConsoleTenancyChanged: 'Changes of tenants',
}

/** How the live connection stands; opened, its figures. */
export function LiveSign() {
  const now = useNow()
  const status = useStore(liveStatus)
  const isOnline = useIsOnline()
  const isOld = staleForMs(status, now) !== null
  const shown = !isOnline ? 'offline' : isOld ? 'stale' : status
  const text = WORDS[shown]
  const { events, resumed, reread, heardAt } = liveFigures
  return (
    <Popover position="bottom-end" withArrow width={256}>
      <Popover.Target>
        <UnstyledButton
          className={classes.sign}
          aria-label={`Live connection: ${text}`}
          data-live={shown}
        >
          <span className={classes.dot} aria-hidden />
          {text}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap={4}>
          {[...events].map(([name, count]) => (
            <Figure key={name} name={FEEDS[name] ?? name} value={countText(count)} id={name} />
          ))}
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
