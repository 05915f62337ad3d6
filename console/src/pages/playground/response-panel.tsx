import { Button, Group, Loader, Stack, Text } from '@mantine/core'
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react'
import { useMemo } from 'react'
import { EmptyState, ProblemNote } from '../../parts/states.tsx'
import { type Answer, errorsIn } from './answer.ts'
import { JsonViewer } from './editor/json-editors.tsx'
import { EventList } from './event-list.tsx'
import { millisecondsText } from './plan/shown-plan.ts'
import classes from './playground.module.css'
import type { Run } from './runs.ts'

/** What became of the operation: its answer, its events, or why there is none. */
export function ResponsePanel({ run, onStop }: { run: Run; onStop: () => void }) {
  switch (run.kind) {
    case 'idle':
      return (
        <EmptyState title="Nothing ran yet">
          Press Run, or Ctrl and Enter (Cmd and Enter on a Mac) in the editor. The answer appears
          here.
        </EmptyState>
      )
    case 'asking':
      return (
        <Group p="sm" gap="xs" role="status" data-run="asking">
          <Loader size="xs" aria-hidden />
          <Text size="sm">Asking …</Text>
          <Button size="xs" variant="default" onClick={onStop}>
            Stop
          </Button>
        </Group>
      )
    case 'stopped':
      return (
        <EmptyState title="Stopped">
          The request was given up here. A change may have happened all the same: look before you
          repeat it.
        </EmptyState>
      )
    case 'failed':
      return (
        <Stack p="sm">
          <ProblemNote problem={run.problem} />
        </Stack>
      )
    case 'answered':
      return <AnswerView answer={run.answer} />
    default:
      return (
        <>
          <EventList run={run} />
          {run.problem ? (
            <Stack p="sm">
              <ProblemNote problem={run.problem} />
            </Stack>
          ) : null}
          {run.end ? <AnswerView answer={run.end} /> : null}
        </>
      )
  }
}

const MOST_SHOWN = 400_000

/** As it is shown: without what has a place of its own. */
function shownText({ body, text }: Answer): string {
  if (body === null) return text
  const { data, errors, extensions, ...rest } = body
  const { queryPlan: _plan, ...others } = Object(extensions) as Record<string, unknown>
  const more = Object.keys(others).length > 0 ? { extensions: others } : {}
  return JSON.stringify({ ...rest, data, errors, ...more }, null, 2)
}

function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  const isSmall = bytes < 1_000_000
  const size = bytes / (isSmall ? 1_000 : 1_000_000)
  return `${size.toLocaleString('en', { maximumFractionDigits: 1 })} ${isSmall ? 'kB' : 'MB'}`
}

function AnswerView({ answer }: { answer: Answer }) {
  const { status, ms, bytes, body, isCut } = answer
  const errors = errorsIn(body)
  const text = useMemo(() => shownText(answer), [answer])
  const isShort = text.length > MOST_SHOWN
  const isGood = status < 400 && errors.length === 0 && body !== null
  const Icon = isGood ? IconCircleCheck : IconCircleX
  return (
    <div className={classes.answer} data-run="answered">
      <div className={classes.answerHead} role="status">
        <span className={isGood ? classes.good : classes.bad}>
          <Icon size={16} aria-hidden />
          {isGood ? 'Answered' : errors.length > 0 ? errorsText(errors.length) : 'Refused'}
        </span>
        <span>{`HTTP ${status}`}</span>
        <span>{millisecondsText(ms)}</span>
        <span>{sizeText(bytes)}</span>
      </div>
      {errors.length > 0 ? (
        <ul className={classes.errors} aria-label="Errors">
          {errors.map((error, place) => (
            <li key={place}>
              <code>{error.code || 'no code'}</code> {error.message}
              {error.path ? <span className="quiet">{` at ${error.path}`}</span> : null}
            </li>
          ))}
        </ul>
      ) : null}
      {isCut || isShort ? (
        <Text size="sm" px="sm" role="status">
          {isCut
            ? 'The answer is longer than is read here; its end is missing. Ask for less, or copy the operation as curl.'
            : `The first ${MOST_SHOWN.toLocaleString('en')} characters are shown.`}
        </Text>
      ) : null}
      <JsonViewer label="Answer" text={text.slice(0, MOST_SHOWN)} className={classes.answerText} />
    </div>
  )
}

const errorsText = (count: number) => (count === 1 ? '1 error' : `${count} errors`)
