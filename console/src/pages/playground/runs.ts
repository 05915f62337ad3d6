import { type Problem, problemOfSession, problemWith } from '../../api/problem.ts'
import { SessionRefused, UNREACHABLE } from '../../session/session-calls.ts'
import { createStore, type Store } from '../../store.ts'
import { type Answer, type AskOptions, ask, type Question } from './ask.ts'
import type { Credential } from './credential.ts'
import { followStream, type StreamStatus } from './follow-stream.ts'

/** One event of a subscription, as it came. */
export type ShownEvent = { number: number; at: number; text: string }

/** What became of an operation. */
export type Run =
  | { kind: 'idle' }
  | { kind: 'asking'; startedAt: number }
  | { kind: 'answered'; answer: Answer }
  | { kind: 'failed'; problem: Problem }
  | { kind: 'stopped' }
  | StreamRun

export type StreamRun = {
  kind: 'stream'
  status: StreamStatus
  why: string
  /** All that came. */
  count: number
  /** The newest of them, newest first. */
  events: readonly ShownEvent[]
  /** What ended it, where it was refused. */
  end: Answer | null
}

export const MOST_EVENTS = 200
const DRAW_EVERY_MS = 200

export type RunOptions = {
  question: Question
  isSubscription: boolean
  asker: Credential
  headers: Record<string, string>
}

export type Runs = ReturnType<typeof createRuns>

function problemOfFailure(failure: unknown): Problem {
  if (failure instanceof SessionRefused) return problemOfSession(failure)
  if (failure instanceof DOMException && failure.name === 'TimeoutError') {
    return problemWith('REQUEST_TIMEOUT', 'There was no answer within a minute.')
  }
  if (failure instanceof TypeError) return problemWith(UNREACHABLE, 'There was no answer.')
  throw failure
}

/** What runs in each tab of the workbench, and what came of it last. */
export function createRuns() {
  const stores = new Map<string, Store<Run>>()
  const running = new Map<string, AbortController>()
  const storeOf = (id: string): Store<Run> => {
    const known = stores.get(id) ?? createStore<Run>({ kind: 'idle' })
    stores.set(id, known)
    return known
  }
  const stop = (id: string) => {
    running.get(id)?.abort()
    running.delete(id)
  }
  const start = async (id: string, { isSubscription, question, ...rest }: RunOptions) => {
    stop(id)
    const control = new AbortController()
    running.set(id, control)
    const options = { ...rest, signal: control.signal }
    const work = isSubscription ? follow : answer
    await work(storeOf(id), question, options)
    if (running.get(id) === control) running.delete(id)
  }
  return {
    storeOf,
    start,
    stop,
    forget(id: string) {
      stop(id)
      stores.delete(id)
    },
    stopAll() {
      for (const id of [...running.keys()]) stop(id)
    },
  }
}

async function answer(store: Store<Run>, question: Question, options: AskOptions): Promise<void> {
  const asking: Run = { kind: 'asking', startedAt: Date.now() }
  store.set(asking)
  const run = await ask(question, options).then(
    (answered): Run => ({ kind: 'answered', answer: answered }),
    (failure: unknown): Run =>
      options.signal.aborted
        ? { kind: 'stopped' }
        : { kind: 'failed', problem: problemOfFailure(failure) },
  )
  // Another run may have begun meanwhile: what is old says nothing.
  if (store.get() === asking) store.set(run)
}

async function follow(store: Store<Run>, question: Question, options: AskOptions): Promise<void> {
  let run: StreamRun = {
    kind: 'stream',
    status: 'connecting',
    why: '',
    count: 0,
    events: [],
    end: null,
  }
  let pending: ShownEvent[] = []
  store.set(run)
  let drawn: Run = run
  const draw = (change: Partial<StreamRun> = {}) => {
    if (store.get() !== drawn) return
    const events = [...pending.reverse(), ...run.events].slice(0, MOST_EVENTS)
    run = { ...run, count: run.count + pending.length, events, ...change }
    pending = []
    drawn = run
    store.set(run)
  }
  const timer = setInterval(() => pending.length > 0 && draw(), DRAW_EVERY_MS)
  try {
    const end = await followStream(question, options, {
      event(text) {
        pending.push({ number: run.count + pending.length + 1, at: Date.now(), text })
      },
      status: (status, why) => draw({ status, why }),
    })
    draw({ status: 'ended', end })
  } finally {
    clearInterval(timer)
  }
}
