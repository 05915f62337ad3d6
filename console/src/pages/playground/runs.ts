import type { Problem } from '../../api/problem.ts'
import { createStore, type Store } from '../../store.ts'
import type { Answer } from './answer.ts'
import { type AskOptions, ask, type Question } from './ask.ts'
import type { Credential } from './credential.ts'
import type { Look } from './explain/explanation.ts'
import { lookAt } from './explain/look.ts'
import { followStream, type StreamStatus } from './follow-stream.ts'
import { problemOfChange, problemOfFailure, problemOfStream } from './problem-of-run.ts'

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
  /** Why it was given up, where it broke. */
  problem: Problem | null
}

export const MOST_EVENTS = 200
const DRAW_EVERY_MS = 200

export type RunOptions = {
  question: Question
  kind: 'query' | 'mutation' | 'subscription'
  asker: Credential
  headers: Record<string, string>
  /** Of a change: hears what it needs before it happens. @returns whether it is to happen */
  mayGoOn?: (look: Look) => boolean
}

type WorkOptions = AskOptions & Pick<RunOptions, 'mayGoOn'>

export type Runs = ReturnType<typeof createRuns>

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
  const start = async (id: string, { kind, question, ...rest }: RunOptions) => {
    stop(id)
    const control = new AbortController()
    running.set(id, control)
    const options = { ...rest, signal: control.signal }
    const work = WORK[kind]
    await work(storeOf(id), question, options)
    if (running.get(id) === control) running.delete(id)
  }
  return {
    storeOf,
    start,
    stop,
    /** What belongs to no tab any more goes. */
    keepOnly(ids: readonly string[]) {
      for (const id of [...stores.keys()].filter((known) => !ids.includes(known))) {
        stop(id)
        stores.delete(id)
      }
    },
    stopAll() {
      for (const id of [...running.keys()]) stop(id)
    },
  }
}

async function answer(store: Store<Run>, question: Question, options: AskOptions): Promise<void> {
  await settle(store, options, {
    work: async () => ({ kind: 'answered', answer: await ask(question, options) }),
    problemOf: problemOfFailure,
  })
}

/**
 * Looks at a change before it happens. Only after an explanation, or where none is to be had, is it sent:
 * any other answer may be that of a gateway that ran it already, and stands as what came of it.
 */
async function change(store: Store<Run>, question: Question, options: WorkOptions): Promise<void> {
  const before = store.get()
  // What ran here before was stopped for this.
  const rest: Run = before.kind === 'stream' ? { ...before, status: 'ended' } : before
  const { mayGoOn = () => true } = options
  await settle(store, options, {
    async work() {
      const look = await lookAt(question, options)
      options.signal.throwIfAborted()
      if (look.kind === 'answered') return { kind: 'answered', answer: look.answer }
      if (!mayGoOn(look)) return rest
      return { kind: 'answered', answer: await ask(question, options) }
    },
    problemOf: problemOfChange,
  })
}

type Settling = { work: () => Promise<Run>; problemOf: (failure: unknown) => Problem }

async function settle(
  store: Store<Run>,
  { signal }: AskOptions,
  { work, problemOf }: Settling,
): Promise<void> {
  const asking: Run = { kind: 'asking', startedAt: Date.now() }
  store.set(asking)
  const run = await work().catch(
    (failure: unknown): Run =>
      signal.aborted ? { kind: 'stopped' } : { kind: 'failed', problem: problemOf(failure) },
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
    problem: null,
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
  } catch (failure) {
    const problem = problemOfStream(failure)
    draw({ status: 'broken', why: '', problem })
    if (!problem) throw failure
  } finally {
    clearInterval(timer)
  }
}

const WORK = { query: answer, mutation: change, subscription: follow } as const
