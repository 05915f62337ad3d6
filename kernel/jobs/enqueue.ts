import type { Clock } from '../clock.ts'
import { flushUnlessTaken } from '../db/conditional-writes.ts'
import type { SqlEntityManager } from '../db/database.ts'
import { forkInside } from '../db/fork-inside.ts'
import { isInTransaction } from '../db/transaction-scope.ts'
import { jobsError } from './errors.ts'
import { Job } from './job.ts'

export type NewJob = {
  /** Which handler runs it: at most 60 of `A-Z a-z 0-9 _ . : -`. */
  kind: string
  /** JSON, at most 64 kB; never personal data. */
  payload: unknown
  /** Not before; now when absent. */
  runAt?: Date
  /** Of all jobs with one key only the first is ever taken in, as long as its row is kept. */
  uniqueKey?: string
  maxAttempts?: number
}

const KIND = /^[\w.:-]{1,60}$/
const MAX_PAYLOAD_BYTES = 65_536
const MAX_KEY_LENGTH = 190
const MAX_ATTEMPTS = 100
const DEFAULT_ATTEMPTS = 5

function checkJob({ kind, payload, uniqueKey = 'none', maxAttempts = 1 }: NewJob): void {
  const text = JSON.stringify(payload) as string | undefined
  const isValid =
    KIND.test(kind) &&
    text !== undefined &&
    Buffer.byteLength(text) <= MAX_PAYLOAD_BYTES &&
    uniqueKey.length > 0 &&
    uniqueKey.length <= MAX_KEY_LENGTH &&
    Number.isInteger(maxAttempts) &&
    maxAttempts >= 1 &&
    maxAttempts <= MAX_ATTEMPTS
  if (!isValid) throw jobsError('JOB_INVALID')
}

/**
 * Writes a job in the caller's transaction, without the caller's pending changes.
 * @returns its id, or null when its unique key was taken
 */
export async function insertJob(
  tx: SqlEntityManager,
  job: NewJob,
  clock: Clock,
): Promise<string | null> {
  if (!isInTransaction()) throw new Error('a job is enqueued only inside a transaction')
  checkJob(job)
  const now = clock.now()
  const own = forkInside(tx)
  const row = own.create(Job, {
    kind: job.kind,
    payload: job.payload,
    status: 'queued',
    runAt: job.runAt ?? now,
    attempts: 0,
    maxAttempts: job.maxAttempts ?? DEFAULT_ATTEMPTS,
    cancelRequested: false,
    uniqueKey: job.uniqueKey ?? null,
    createdAt: now,
  })
  own.persist(row)
  return (await flushUnlessTaken(own)) ? row.id : null
}
