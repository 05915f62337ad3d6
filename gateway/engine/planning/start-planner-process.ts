import { type ChildProcess, fork } from 'node:child_process'
import { getCompileCacheDir } from 'node:module'
import type { Socket } from 'node:net'
import { dirname } from 'node:path'
import type { PlannerAnswer, PlannerQuestion } from './planner-messages.ts'

/** A process was ended because it was late, or ended by itself, such as for want of memory. */
export class PlannerProcessLost extends Error {
  override readonly name = 'PlannerProcessLost'
  /** Whether its question was too much for it; else it may have had nothing to do with it. */
  readonly isOverasked: boolean

  constructor(message: string, { isOverasked = false, ...options }: LostOptions = {}) {
    super(message, options)
    this.isOverasked = isOverasked
  }
}

type LostOptions = ErrorOptions & { isOverasked?: boolean }

/** How V8 ends a process whose heap is full. */
const HEAP_IS_FULL = 'SIGABRT'

/** A process that plans for the supergraph that it was given last, one question at a time. */
export type PlannerProcess = {
  /** Answers in time, or the process is ended. @throws PlannerProcessLost */
  ask: (question: PlannerQuestion, deadlineMs: number) => Promise<PlannerAnswer>
  /** Which supergraph it holds; null for none. */
  version: string | null
  readonly isLost: boolean
  end: () => Promise<void>
}

type Asked = PromiseWithResolvers<PlannerAnswer>

/** What waits for an answer keeps this process alive; an idle child does not. */
function keepAlive(child: ChildProcess, isKept: boolean): void {
  for (const handle of [child, child.channel]) isKept ? handle?.ref() : handle?.unref()
}

/** The one question that a process is asked. */
function createAsking(child: ChildProcess) {
  let asked: Asked | null = null
  let lost: PlannerProcessLost | null = null
  const settle = (how: (asked: Asked) => void) => {
    const settled = asked
    asked = null
    keepAlive(child, false)
    if (settled) how(settled)
  }
  const lose = (why: PlannerProcessLost) => {
    lost ??= why
    settle(({ reject }) => reject(why))
  }
  keepAlive(child, false)
  child.on('message', (answer: PlannerAnswer) => settle(({ resolve }) => resolve(answer)))
  return {
    isLost: () => lost !== null,
    lose,
    ask: (question: PlannerQuestion): Promise<PlannerAnswer> => {
      if (lost) return Promise.reject(lost)
      if (asked) throw new Error('A planning process is asked one thing at a time.')
      asked = Promise.withResolvers<PlannerAnswer>()
      const { promise } = asked
      keepAlive(child, true)
      child.send(question, (cause) => {
        if (cause) lose(new PlannerProcessLost('the process cannot be asked', { cause }))
      })
      return promise
    },
  }
}

/** None of what this process was given, where the secrets are. */
function environment(): NodeJS.ProcessEnv {
  const cache = getCompileCacheDir()
  // Within the folder that was configured there is one for each version of Node.
  return { NODE_ENV: 'production', ...(cache ? { NODE_COMPILE_CACHE: dirname(cache) } : {}) }
}

function forkPlanner(heapMb: number): ChildProcess {
  return fork(new URL('./planner-process.ts', import.meta.url), [], {
    env: environment(),
    execArgv: [`--max-old-space-size=${heapMb}`],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
}

const LAST_WORDS = 2_000

/** What a process said at last, such as why its heap was too small. */
function lastWordsOf(child: ChildProcess): () => string {
  // A pipe, which is a socket to Node.
  const stderr = child.stderr as Socket | null
  let said = ''
  stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-LAST_WORDS)
  })
  stderr?.unref()
  return () => said
}

/** Calls once the process is gone, or could not be started, with the reason. */
function whenGone(child: ChildProcess, gone: (why: PlannerProcessLost) => void): Promise<void> {
  const lastWords = lastWordsOf(child)
  return new Promise((resolve) => {
    const end = (why: PlannerProcessLost) => {
      gone(why)
      resolve()
    }
    child.once('error', (cause) => end(new PlannerProcessLost('the process failed', { cause })))
    child.once('close', (code, signal) => {
      const cause = new Error(`${signal ?? code}: ${lastWords()}`)
      const isOverasked = signal === HEAP_IS_FULL
      end(new PlannerProcessLost('the process ended', { cause, isOverasked }))
    })
  })
}

/** Starts a process whose heap is bounded; `ended` is called once it is gone. */
export function startPlannerProcess(heapMb: number, ended: () => void): PlannerProcess {
  const child = forkPlanner(heapMb)
  const asking = createAsking(child)
  const gone = whenGone(child, (why) => {
    asking.lose(why)
    ended()
  })
  const endBecause = async (why: string, isOverasked: boolean) => {
    asking.lose(new PlannerProcessLost(why, { isOverasked }))
    keepAlive(child, true)
    child.kill('SIGKILL')
    await gone
  }
  return {
    version: null,
    get isLost() {
      return asking.isLost()
    },
    end: () => endBecause('the process was ended', false),
    ask: (question, deadlineMs) => {
      const timer = setTimeout(() => endBecause('the process was late', true), deadlineMs)
      return asking.ask(question).finally(() => clearTimeout(timer))
    },
  }
}
