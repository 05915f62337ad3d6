import { BEGIN_ANEW } from '../../live/follow.ts'
import { SessionRefused } from '../../session/session-calls.ts'
import { type Answer, errorsIn, readAnswer } from './answer.ts'
import { type AskOptions, mayRenew, type Question, send } from './ask.ts'
import { eventsOf } from './event-stream.ts'

/** How a stream stands; `broken`: it sent what cannot be shown, and was given up. */
export type StreamStatus = 'connecting' | 'live' | 'waiting' | 'ended' | 'broken'

export type StreamSink = {
  event: (text: string) => void
  status: (status: StreamStatus, why: string) => void
}

/** What ended a stream; null where it was complete or stopped. */
export type StreamEnd = Answer | null

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 15_000

type Step = { kind: 'end'; answer: StreamEnd } | { kind: 'again'; why: string; isFresh: boolean }

type Progress = { lastId: string | null }

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/**
 * Follows a subscription over every cut, from the last event seen, until it ends or is stopped.
 * @throws RangeError for an event that is too long, SyntaxError for one that is no JSON
 */
export async function followStream(
  question: Question,
  options: AskOptions,
  sink: StreamSink,
): Promise<StreamEnd> {
  const progress: Progress = { lastId: null }
  let waitMs = FIRST_WAIT_MS
  while (!options.signal.aborted) {
    sink.status('connecting', '')
    const step = await once(question, options, { sink, progress }).catch((failure: unknown) =>
      cutBy(failure, options.signal),
    )
    if (step.kind === 'end') return step.answer
    waitMs = step.isFresh ? FIRST_WAIT_MS : Math.min(LONGEST_WAIT_MS, waitMs * 2)
    sink.status('waiting', step.why)
    await pause(waitMs, options.signal)
  }
  return null
}

/** Whatever breaks on the way is tried again; what would come again the same is not, nor a bug. */
function cutBy(failure: unknown, signal: AbortSignal): Step {
  if (signal.aborted) return { kind: 'end', answer: null }
  const isCut = failure instanceof TypeError || failure instanceof SessionRefused
  if (!isCut) throw failure
  return { kind: 'again', why: 'The connection was cut.', isFresh: false }
}

type Following = { sink: StreamSink; progress: Progress }

async function once(
  question: Question,
  options: AskOptions,
  { sink, progress }: Following,
): Promise<Step> {
  const startedAt = performance.now()
  const resume = progress.lastId === null ? {} : { 'last-event-id': progress.lastId }
  const headers = { ...options.headers, ...resume, accept: 'text/event-stream' }
  const response = await send(question, { ...options, headers })
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream')
  if (!isStream || !response.body) {
    const answer = { status: response.status, ms: 0, ...(await readAnswer(response)) }
    return stepAfter({ ...answer, ms: performance.now() - startedAt }, options, progress)
  }
  sink.status('live', '')
  let isFresh = false
  for await (const { event, id, data } of eventsOf(response.body)) {
    if (event === 'complete') return { kind: 'end', answer: null }
    if (id) progress.lastId = id
    const last = lastWord(data, response.status)
    if (last) return stepAfter(last, options, progress)
    isFresh = true
    sink.event(data)
  }
  return { kind: 'again', why: 'The connection was cut.', isFresh }
}

/** An event without data is what ends a stream. */
function lastWord(data: string, status: number): Answer | null {
  if (!data.includes('"errors"')) return null
  const body = JSON.parse(data) as Record<string, unknown>
  const isLast = errorsIn(body).length > 0 && (body.data === undefined || body.data === null)
  return isLast ? { status, ms: 0, bytes: data.length, body, text: data, isCut: false } : null
}

/** Here a person looks: what is none of these is shown, and not tried again. */
const GO_ON: readonly string[] = [
  'BUDGET_EXHAUSTED',
  'PLANNING_OVERLOADED',
  'PLANNING_TIMEOUT',
  'SERVICE_DRAINING',
  'SUBGRAPH_UNREACHABLE',
  'SUBSCRIBER_TOO_SLOW',
  'SUBSCRIPTION_INTERRUPTED',
  'SUBSCRIPTION_NO_LONGER_VALID',
]

function stepAfter(answer: Answer, { asker }: AskOptions, progress: Progress): Step {
  const [error] = errorsIn(answer.body)
  if (error && mayRenew(asker, answer.body)) {
    return { kind: 'again', why: error.message, isFresh: false }
  }
  if (error && BEGIN_ANEW.includes(error.code) && progress.lastId !== null) {
    progress.lastId = null
    return { kind: 'again', why: `${error.message} It begins anew.`, isFresh: false }
  }
  if (error && GO_ON.includes(error.code)) {
    return { kind: 'again', why: error.message, isFresh: false }
  }
  return { kind: 'end', answer }
}
