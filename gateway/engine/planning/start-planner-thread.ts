import { getCompileCacheDir } from 'node:module'
import { Worker } from 'node:worker_threads'
import type { PlannerAnswer, PlannerQuestion, PlannerThreadData } from './planner-messages.ts'

/** A thread was ended because it was late, or ended by itself, such as for want of memory. */
export class PlannerThreadLost extends Error {
  override readonly name = 'PlannerThreadLost'
}

/** A thread that plans for the supergraph that it was given last, one question at a time. */
export type PlannerThread = {
  /** Answers in time, or the thread is ended. @throws PlannerThreadLost */
  ask: (question: PlannerQuestion, deadlineMs: number) => Promise<PlannerAnswer>
  /** Which supergraph it holds; null for none. */
  version: string | null
  readonly isLost: boolean
  end: () => Promise<void>
}

type Asked = PromiseWithResolvers<PlannerAnswer>

/** The one question that a thread is asked; what waits for its answer keeps the process alive. */
function createAsking(worker: Worker) {
  let asked: Asked | null = null
  let lost: PlannerThreadLost | null = null
  const settle = (how: (asked: Asked) => void) => {
    const settled = asked
    asked = null
    worker.unref()
    if (settled) how(settled)
  }
  worker.unref()
  worker.on('message', (answer: PlannerAnswer) => settle(({ resolve }) => resolve(answer)))
  return {
    isLost: () => lost !== null,
    lose: (why: PlannerThreadLost) => {
      lost ??= why
      settle(({ reject }) => reject(why))
    },
    ask: (question: PlannerQuestion): Promise<PlannerAnswer> => {
      if (lost) return Promise.reject(lost)
      if (asked) throw new Error('A planning thread is asked one thing at a time.')
      asked = Promise.withResolvers<PlannerAnswer>()
      worker.ref()
      worker.postMessage(question)
      return asked.promise
    },
  }
}

function startWorker(heapMb: number): Worker {
  const workerData: PlannerThreadData = { compileCache: getCompileCacheDir() ?? null }
  return new Worker(new URL('./planner-thread.ts', import.meta.url), {
    ...{ workerData, name: 'planner', execArgv: [] },
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
  })
}

/** Starts a thread whose heap is bounded; `ended` is called once it is gone. */
export function startPlannerThread(heapMb: number, ended: () => void): PlannerThread {
  const worker = startWorker(heapMb)
  const asking = createAsking(worker)
  const { lose } = asking
  worker.on('error', (cause) => lose(new PlannerThreadLost('the thread failed', { cause })))
  worker.on('exit', () => {
    lose(new PlannerThreadLost('the thread ended'))
    ended()
  })
  const endBecause = async (why: string) => {
    lose(new PlannerThreadLost(why))
    await worker.terminate()
  }
  return {
    version: null,
    get isLost() {
      return asking.isLost()
    },
    end: () => endBecause('the thread was ended'),
    ask: (question, deadlineMs) => {
      const timer = setTimeout(() => endBecause('the thread was late'), deadlineMs)
      return asking.ask(question).finally(() => clearTimeout(timer))
    },
  }
}
