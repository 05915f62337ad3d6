import { type Clock, systemClock } from '#kernel/clock.ts'
import { transactional } from '#kernel/db/database.ts'
import { systemRandomness } from '#kernel/ids.ts'
import type { NewJob } from '#kernel/jobs/enqueue.ts'
import type { JobStatus } from '#kernel/jobs/job.ts'
import { createJobs, type Jobs, type JobsSettings } from '#kernel/jobs/jobs.ts'
import type { JobHandlers } from '#kernel/jobs/run-job.ts'
import type { Schedule } from '#kernel/jobs/schedules.ts'
import { silentLog, type TestDatabase } from '../../kit/database.ts'

export type Worker = Jobs & {
  /** Enqueues in a transaction of its own. */
  add: (job: Partial<NewJob>) => Promise<string>
  /** Resolves when the job has this status. */
  until: (id: string, status: JobStatus) => Promise<void>
} & AsyncDisposable

export type WorkerOptions = {
  handlers?: JobHandlers
  schedules?: Schedule[]
  settings?: JobsSettings
  clock?: Clock
}

/** Resolves when `isTrue` answers true; the test's own time-out is the bound. */
export async function waitFor(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resume) => setTimeout(resume, 2))
}

/** One process that works on the jobs of a database. */
export function createWorker(database: TestDatabase, options: WorkerOptions): Worker {
  const { handlers = {}, schedules = [], settings = {}, clock = systemClock } = options
  const jobs = createJobs({
    database,
    clock,
    randomness: systemRandomness,
    log: silentLog,
    handlers,
    schedules,
    settings: { pollMilliseconds: 5, backOffMilliseconds: 2, graceMilliseconds: 20, ...settings },
  })
  return {
    ...jobs,
    add: async (job) => {
      const whole = { kind: 'count', payload: {}, ...job }
      const em = database.acrossTenants()
      return (await transactional(em, (tx) => jobs.enqueue(tx, whole))) ?? ''
    },
    until: (id, status) => waitFor(async () => (await jobs.get(id)).status === status),
    [Symbol.asyncDispose]: () => jobs.stop(),
  }
}

/** A promise and the function that fulfils it. */
export function createGate() {
  return Promise.withResolvers<void>()
}

/** Rejects when the signal aborts, as a handler that listens does. */
export function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const refuse = () => reject(signal.reason)
    if (signal.aborted) refuse()
    else signal.addEventListener('abort', refuse)
  })
}
