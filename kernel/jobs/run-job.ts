import type { Clock } from '../clock.ts'
import { isDomainError } from '../errors.ts'
import type { Randomness } from '../ids.ts'
import type { Logger } from '../log.ts'
import { jobsError } from './errors.ts'
import type { Lease, LeaseEnd, Leases } from './leases.ts'

export type JobRun<Payload = unknown> = {
  readonly payload: Payload
  /** Aborted when the job is cancelled, its lease lost, its time over or the worker stops. */
  readonly signal: AbortSignal
  /** Counts from 1. */
  readonly attempt: number
  /** Tells how far the work is; written at most twice a second. */
  progress: (done: number, total: number) => Promise<void>
}

/** Runs at least once per job: it must bear being run again. It parses its own payload. */
export type JobHandler = (run: JobRun) => Promise<void>

export type JobHandlers = Readonly<Record<string, JobHandler>>

export type RunSettings = {
  leaseMilliseconds: number
  /** The longest that one attempt may take. */
  runMilliseconds: number
  /** How long an aborted handler may take to end. */
  graceMilliseconds: number
  /** The pause before the second attempt; it doubles with every further one. */
  backOffMilliseconds: number
}

export type RunDeps = {
  leases: Leases
  clock: Clock
  randomness: Randomness
  log: Logger
  settings: RunSettings
}

const LONGEST_BACK_OFF_MILLISECONDS = 3_600_000
const PROGRESS_PAUSE_MILLISECONDS = 500
const MAX_ERROR_LENGTH = 100

/** Pauses in milliseconds: the first, and the longest (an hour unless told). */
export type BackOff = { base: number; longest?: number; randomness: Randomness }

/** Exponential, between half and all of it, so that jobs that failed together return apart. */
export function backOffMilliseconds(
  attempt: number,
  { base, randomness, longest = LONGEST_BACK_OFF_MILLISECONDS }: BackOff,
): number {
  const full = Math.min(base * 2 ** (attempt - 1), longest)
  const share = randomness.bytes(4).readUInt32BE() / 2 ** 32
  return Math.round(full / 2 + (full / 2) * share)
}

/** What may be stored of a failure: messages may quote what is nobody's business. */
export function nameOfFailure(failure: unknown): string {
  const name = isDomainError(failure) ? failure.code : failure instanceof Error ? failure.name : ''
  return (name || 'Error').slice(0, MAX_ERROR_LENGTH)
}

/** Keeps the lease while the handler runs, and aborts the handler when it cannot. */
function keepLease(lease: Lease, abort: (reason: Error) => void, deps: RunDeps) {
  const { leases, clock, log, settings } = deps
  let beating: Promise<void> = Promise.resolve()
  const renew = async () => {
    const { isHeld, isCancelled } = await leases.renew(lease)
    if (!isHeld) abort(jobsError('JOB_LEASE_LOST'))
    if (isCancelled) abort(jobsError('JOB_CANCELLED'))
  }
  const beat = setInterval(() => {
    beating = renew().catch((failure: unknown) => {
      log.warn({ err: failure, job: lease.id }, 'a lease was not renewed')
      if (clock.now() >= lease.until) abort(jobsError('JOB_LEASE_LOST'))
    })
  }, settings.leaseMilliseconds / 3)
  return async (): Promise<void> => {
    clearInterval(beat)
    await beating
  }
}

function createProgress(lease: Lease, abort: (reason: Error) => void, { leases, clock }: RunDeps) {
  let last: { done: number; total: number } | null = null
  let writtenAt = 0
  return {
    last: (): LeaseEnd => (last ? { progressDone: last.done, progressTotal: last.total } : {}),
    report: async (done: number, total: number): Promise<void> => {
      last = { done, total }
      const now = clock.now().getTime()
      if (now - writtenAt < PROGRESS_PAUSE_MILLISECONDS) return
      writtenAt = now
      if (!(await leases.report(lease, last))) abort(jobsError('JOB_LEASE_LOST'))
    },
  }
}

/** Rejects with the signal's reason once the handler had its time to end by itself. */
function giveGrace(signal: AbortSignal, graceMilliseconds: number) {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<never>((_resolve, reject) => {
    const begin = () => {
      timer = setTimeout(() => reject(signal.reason as Error), graceMilliseconds)
    }
    if (signal.aborted) begin()
    else signal.addEventListener('abort', begin, { once: true })
  })
  return { over, clear: () => clearTimeout(timer) }
}

/** How a failed attempt ends: the reason of an abort counts more than what the handler made of it. */
function endOfFailure(
  lease: Lease,
  failure: unknown,
  { clock, randomness, settings }: RunDeps,
): { end: LeaseEnd; unusedAttempts: number } {
  const lastError = nameOfFailure(failure)
  if (isDomainError(failure, 'JOB_CANCELLED')) {
    return { end: { status: 'cancelled', lastError }, unusedAttempts: 0 }
  }
  if (isDomainError(failure, 'JOB_STOPPED')) {
    return { end: { status: 'queued', runAt: clock.now() }, unusedAttempts: 1 }
  }
  if (isDomainError(failure, 'JOB_GIVEN_UP') || lease.attempt >= lease.maxAttempts) {
    return { end: { status: 'failed', lastError }, unusedAttempts: 0 }
  }
  const pause = backOffMilliseconds(lease.attempt, {
    base: settings.backOffMilliseconds,
    randomness,
  })
  const runAt = new Date(clock.now().getTime() + pause)
  return { end: { status: 'queued', runAt, lastError }, unusedAttempts: 0 }
}

/** Runs one claimed job to one of its ends. `controller` lets others abort it. */
export async function runJob(
  lease: Lease,
  { handler, controller }: { handler: JobHandler; controller: AbortController },
  deps: RunDeps,
): Promise<void> {
  const { leases, log, settings } = deps
  const { signal } = controller
  const abort = (reason: Error) => controller.abort(reason)
  const progress = createProgress(lease, abort, deps)
  const letGo = keepLease(lease, abort, deps)
  const grace = giveGrace(signal, settings.graceMilliseconds)
  const timer = setTimeout(() => abort(jobsError('JOB_TIMED_OUT')), settings.runMilliseconds)
  const { payload, attempt } = lease
  try {
    const run = { payload, attempt, signal, progress: progress.report }
    await Promise.race([handler(run), grace.over])
    const isHeld = await leases.end(lease, { status: 'done', lastError: null, ...progress.last() })
    if (!isHeld) log.warn({ job: lease.id, kind: lease.kind }, 'a job ended after its lease')
  } catch (failure) {
    const reason: unknown = signal.aborted ? signal.reason : failure
    log.warn({ err: reason, cause: failure, job: lease.id, kind: lease.kind }, 'a job failed')
    const { end, unusedAttempts } = endOfFailure(lease, reason, deps)
    await leases.end(lease, { ...end, ...progress.last() }, unusedAttempts)
  } finally {
    await letGo()
    grace.clear()
    clearTimeout(timer)
  }
}
