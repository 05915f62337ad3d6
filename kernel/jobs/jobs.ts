import type { Clock } from '../clock.ts'
import { updateWhere } from '../db/conditional-writes.ts'
import { type Database, type SqlEntityManager, transactional } from '../db/database.ts'
import { deleteInPortions } from '../db/delete-in-portions.ts'
import { afterCommit } from '../db/transaction-scope.ts'
import type { Randomness } from '../ids.ts'
import type { Logger } from '../log.ts'
import { insertJob, type NewJob } from './enqueue.ts'
import { jobsError } from './errors.ts'
import { Job } from './job.ts'
import { createLeases, type Lease } from './leases.ts'
import { createLoop } from './loop.ts'
import { type JobHandlers, type RunSettings, runJob } from './run-job.ts'
import { createTicker, type Schedule } from './schedules.ts'

export type { JobHandlers } from './run-job.ts'
export type { Schedule } from './schedules.ts'

export type JobsSettings = Partial<RunSettings> & {
  /** Jobs that run at once in this process. */
  concurrency?: number
  /** The longest wait before the table is looked at again. */
  pollMilliseconds?: number
  /** How long `stop` waits for running jobs. */
  stopMilliseconds?: number
}

export type JobsDeps = {
  database: Database
  clock: Clock
  randomness: Randomness
  log: Logger
  /** By kind; kinds without a handler here wait for another process. */
  handlers: JobHandlers
  schedules?: readonly Schedule[]
  settings?: JobsSettings
}

export type Jobs = ReturnType<typeof createJobs>

const DEFAULTS = {
  concurrency: 4,
  pollMilliseconds: 1_000,
  leaseMilliseconds: 30_000,
  runMilliseconds: 15 * 60_000,
  graceMilliseconds: 5_000,
  stopMilliseconds: 10_000,
  backOffMilliseconds: 1_000,
}

type Running = { id: string; controller: AbortController; work: Promise<void> }

/** The jobs at work in this process. */
function createCrew(deps: JobsDeps, onFree: () => void) {
  const settings = { ...DEFAULTS, ...deps.settings }
  const { concurrency, stopMilliseconds } = settings
  const leases = createLeases({ ...deps, leaseMilliseconds: settings.leaseMilliseconds })
  const running = new Set<Running>()

  const begin = (lease: Lease) => {
    const handler = deps.handlers[lease.kind]
    if (!handler) return
    const controller = new AbortController()
    const { id } = lease
    const one: Running = { id, controller, work: Promise.resolve() }
    running.add(one)
    one.work = runJob(lease, { handler, controller }, { ...deps, leases, settings })
      // Its lease lapses, and the job is run again.
      .catch((failure: unknown) => deps.log.error({ err: failure, job: id }, 'a job did not end'))
      .finally(() => {
        running.delete(one)
        onFree()
      })
  }
  return {
    /** Aborts a job at once where it runs here; elsewhere its worker learns of it when it renews. */
    cancel: (id: string): void => {
      for (const one of running) {
        if (one.id === id) one.controller.abort(jobsError('JOB_CANCELLED'))
      }
    },
    hire: async (): Promise<void> => {
      const wanted = concurrency - running.size
      if (wanted > 0) (await leases.claim(Object.keys(deps.handlers), wanted)).forEach(begin)
    },
    /** Aborts what runs and waits for it, but not longer than the bound. */
    dismiss: async (): Promise<void> => {
      for (const { controller } of running) controller.abort(jobsError('JOB_STOPPED'))
      const works = [...running].map(({ work }) => work)
      let timer: NodeJS.Timeout | undefined
      const bound = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, stopMilliseconds)
      })
      await Promise.race([Promise.all(works), bound])
      clearTimeout(timer)
      if (running.size > 0) deps.log.error({ jobs: running.size }, 'jobs did not stop in time')
    },
  }
}

async function cancelJob({ database, clock }: JobsDeps, id: string): Promise<void> {
  const em = database.acrossTenants()
  const now = clock.now()
  const cancelled = { status: 'cancelled', cancelRequested: true, finishedAt: now } as const
  const isDone = await updateWhere(em, Job, { where: { id, status: 'queued' }, set: cancelled })
  if (isDone === 1) return
  const asked = { where: { id, status: 'running' as const }, set: { cancelRequested: true } }
  if ((await updateWhere(em, Job, asked)) === 1) return
  const job = await em.findOne(Job, { id })
  if (!job) throw jobsError('JOB_NOT_FOUND')
}

/** Work outside requests: at least once, with leases, retries, schedules, progress and cancelling. */
export function createJobs(deps: JobsDeps) {
  const { database, clock, log } = deps
  const { pollMilliseconds } = { ...DEFAULTS, ...deps.settings }
  const ticker = createTicker(deps.schedules ?? [], clock)
  const crew = createCrew(deps, () => loop.wake())

  const enqueueTicks = async (): Promise<void> => {
    for (const tick of ticker.due()) {
      const { kind, payload = {} } = tick.schedule
      const job = { kind, payload, runAt: tick.at, uniqueKey: tick.uniqueKey }
      await transactional(database.acrossTenants(), (tx) => insertJob(tx, job, clock))
      ticker.settle(tick)
    }
  }
  const round = async (): Promise<void> => {
    await enqueueTicks()
    await crew.hire()
  }
  const loop = createLoop({ name: 'jobs', round, pauseMilliseconds: pollMilliseconds, log })

  return {
    /**
     * Takes a job in, in the open transaction of `tx`; it starts after the commit.
     * @returns its id, or null when its unique key was taken; @throws JOB_INVALID
     */
    enqueue: async (tx: SqlEntityManager, job: NewJob): Promise<string | null> => {
      const id = await insertJob(tx, job, clock)
      if (id !== null) afterCommit(loop.wake)
      return id
    },
    /** Begins to take jobs. */
    start: (): void => loop.start(),
    /** Takes no more jobs, aborts those that run and waits for them within its bound. */
    stop: async (): Promise<void> => {
      await loop.stop()
      await crew.dismiss()
    },
    /** Ends a waiting job at once and asks a running one to end. @throws JOB_NOT_FOUND */
    cancel: async (id: string): Promise<void> => {
      await cancelJob(deps, id)
      crew.cancel(id)
    },
    /** @throws JOB_NOT_FOUND */
    get: async (id: string): Promise<Job> => {
      const job = await database.acrossTenants().findOne(Job, { id })
      if (!job) throw jobsError('JOB_NOT_FOUND')
      return job
    },
    /** Forgets jobs that ended before a time, their unique keys with them. @returns how many */
    prune: (endedBefore: Date): Promise<number> =>
      deleteInPortions(database, Job, { finishedAt: { $lt: endedBefore } }),
  }
}
