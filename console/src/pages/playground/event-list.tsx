import { Text } from '@mantine/core'
import { memo } from 'react'
import { clockText, countText } from '../../parts/figures.ts'
import classes from './playground.module.css'
import { MOST_EVENTS, type ShownEvent, type StreamRun } from './runs.ts'

const WORDS = {
  connecting: '◌ Connecting',
  live: '● Live',
  waiting: '◌ Reconnecting',
  ended: '○ Ended',
  broken: '✕ Broken off',
} as const

/** The events of a subscription, newest first. */
export function EventList({ run }: { run: StreamRun }) {
  const { status, why, count, events, end, problem } = run
  return (
    <div className={classes.answer} data-run={`stream-${status}`}>
      <div className={classes.answerHead}>
        <strong role="status">{WORDS[status]}</strong>
        <span data-events={count}>{`${countText(count)} events`}</span>
        {count > MOST_EVENTS ? <span>{`the newest ${MOST_EVENTS} are shown`}</span> : null}
        {why ? <span className="quiet">{why}</span> : null}
      </div>
      {count === 0 && !end && !problem ? (
        <Text size="sm" className="quiet" p="sm">
          {status === 'ended'
            ? 'It ended before the first event.'
            : 'Nothing happened yet. Events appear here as they come; a cut is gone over by itself, from the last event.'}
        </Text>
      ) : null}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard. */}
      <ol className={classes.events} tabIndex={0} aria-label="Events, newest first">
        {events.map((event) => (
          <EventRow key={event.number} event={event} />
        ))}
      </ol>
    </div>
  )
}

function prettied(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch (failure) {
    if (!(failure instanceof SyntaxError)) throw failure
    return text
  }
}

/** The part that changes from one event to the next. */
const dataIn = (text: string) => text.replace(/^\{"data":/, '').replace(/,"extensions":.*$/, '')

const EventRow = memo(function EventRow({ event }: { event: ShownEvent }) {
  const { number, at, text } = event
  return (
    <li value={number}>
      <details>
        <summary>
          <span className="quiet">{`${countText(number)} · ${clockText(new Date(at).toISOString())}`}</span>{' '}
          <code>{dataIn(text).slice(0, 300)}</code>
        </summary>
        <pre>{prettied(text)}</pre>
      </details>
    </li>
  )
})
