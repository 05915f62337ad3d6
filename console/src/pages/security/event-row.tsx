import { UnstyledButton } from '@mantine/core'
import { Ago } from '../../parts/ago.tsx'
import { wholeTimeText } from '../../parts/figures.ts'
import { EventRisk } from './event-risk.tsx'
import { eventWords, programText } from './event-words.ts'
import classes from './security.module.css'
import { personText, type SecurityEvent } from './security-event.ts'

/** Two lines of text, or four where the window is narrow. */
export const ROW_HEIGHTS = { wide: 56, narrow: 104 } as const

/** Names the columns of the rows below it; where there are no columns, nothing. */
export function EventColumns() {
  return (
    <div className={classes.columns} aria-hidden>
      <span>Event</span>
      <span>Person</span>
      <span>From where</span>
      <span>Risk</span>
      <span>When</span>
    </div>
  )
}

function Whence({ event: { ipAddress, userAgent } }: { event: SecurityEvent }) {
  if (ipAddress === null && userAgent === null) return <span className="quiet">not known</span>
  return (
    <>
      <span className={classes.line} title={ipAddress ?? undefined}>
        {ipAddress ?? 'address not known'}
      </span>
      <span className={classes.under} title={userAgent ?? undefined}>
        {userAgent === null ? 'program not known' : programText(userAgent)}
      </span>
    </>
  )
}

/** One event; chosen, its details open. */
export function EventRow({
  event,
  isOpen,
  onOpen,
}: {
  event: SecurityEvent
  isOpen: boolean
  onOpen: (event: SecurityEvent) => void
}) {
  const { eventType, riskScore, userId, at } = event
  return (
    <UnstyledButton
      className={classes.row}
      aria-haspopup="dialog"
      data-open={isOpen}
      data-event={event.id}
      onClick={() => onOpen(event)}
    >
      <span className={classes.what}>
        <span className={classes.line} title={eventWords(eventType)}>
          {eventWords(eventType)}
        </span>
        <span className={classes.code} title={eventType}>
          {eventType}
        </span>
      </span>
      <span className={classes.who}>
        <span className={classes.line} title={personText(event)}>
          {personText(event)}
        </span>
        {userId === null ? null : <span className={classes.under}>{`id ${userId}`}</span>}
      </span>
      <span className={classes.where}>
        <Whence event={event} />
      </span>
      <span className={classes.rate}>
        <EventRisk score={riskScore} />
      </span>
      <span className={classes.when}>
        <span className={classes.line}>
          <Ago at={at} /> ago
        </span>
        <span className={classes.under}>{wholeTimeText(at)}</span>
      </span>
    </UnstyledButton>
  )
}
