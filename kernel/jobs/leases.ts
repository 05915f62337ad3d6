import { LockMode } from '@mikro-orm/core'
import type { Clock } from '../clock.ts'
import { updateWhere } from '../db/conditional-writes.ts'
import { type Database, type SqlEntityManager, transactional } from '../db/database.ts'
import { newId, type Randomness } from '../ids.ts'
import { Job } from './job.ts'

export type LeaseDeps = {
  database: Database
  clock: Clock
  randomness: Randomness
  leaseMilliseconds: number
}

/** The right to run one job until `until`, as long as it is renewed. */
export type Lease = {
  readonly id: string
  readonly owner: string
  readonly kind: string
  readonly payload: unknown
  readonly attempt: number
  readonly maxAttempts: number
  until: Date
}

export type Leases = ReturnType<typeof createLeases>

/** What ends a lease: the columns that change with it. */
export type LeaseEnd = Partial<
  Pick<Job, 'status' | 'runAt' | 'lastError' | 'progressDone' | 'progressTotal'>
>

/** Jobs looked at for each one wanted: other workers take some of them meanwhile. */
const CANDIDATES_PER_JOB = 4

/** How a job whose worker died ends instead of being run again; null when it is run again. */
function deadEnd({ status, cancelRequested, attempts, maxAttempts }: Job) {
  if (status === 'queued') return null
  if (cancelRequested) return { status: 'cancelled', lastError: 'JOB_CANCELLED' } as const
  if (attempts < maxAttempts) return null
  return { status: 'failed', lastError: 'JOB_LEASE_LOST' } as const
}

/** Jobs that are due, and jobs whose worker has died. */
const claimable = (now: Date) => ({
  due: { status: 'queued', runAt: { $lte: now } } as const,
  lapsed: { status: 'running', leaseUntil: { $lt: now } } as const,
})

/**
 * Every change of a claimed job is one conditional update that names its lease, so of several
 * workers one wins, and a worker whose lease was taken over changes nothing more.
 */
export function createLeases({ database, clock, randomness, leaseMilliseconds }: LeaseDeps) {
  const change = (where: object, set: Partial<Job>, add: { attempts?: number } = {}) =>
    updateWhere(database.acrossTenants(), Job, { where, set, add })
  const leaseEnd = () => new Date(clock.now().getTime() + leaseMilliseconds)
  const stillHeld = ({ id, owner }: Lease) => ({ id, leaseOwner: owner, status: 'running' })

  /** Takes no lock, and reads the first of an index: most looks find nothing. */
  const findCandidates = async (kinds: readonly string[], wanted: number): Promise<string[]> => {
    const { due, lapsed } = claimable(clock.now())
    const [kind, limit] = [{ $in: [...kinds] }, wanted * CANDIDATES_PER_JOB]
    const page = { limit, fields: ['id'] } as const
    const first = await database
      .acrossTenants()
      .find(Job, { ...lapsed, kind }, { ...page, orderBy: { leaseUntil: 'asc', id: 'asc' } })
    const then = await database
      .acrossTenants()
      .find(Job, { ...due, kind }, { ...page, orderBy: { runAt: 'asc', id: 'asc' } })
    return [...first, ...then].map(({ id }) => id)
  }

  const endDead = async (tx: SqlEntityManager, job: Job): Promise<void> => {
    const set = { ...deadEnd(job), leaseUntil: null, leaseOwner: null, finishedAt: clock.now() }
    const { id, status, leaseOwner = null } = job
    await updateWhere(tx, Job, { where: { id, status, leaseOwner }, set })
  }

  const take = async (tx: SqlEntityManager, jobs: readonly Job[]): Promise<Lease[]> => {
    if (jobs.length === 0) return []
    const [owner, until] = [newId(randomness), leaseEnd()]
    const { due, lapsed } = claimable(clock.now())
    const taken = await updateWhere(tx, Job, {
      where: { id: { $in: jobs.map(({ id }) => id) }, $or: [due, lapsed] },
      set: { status: 'running', leaseOwner: owner, leaseUntil: until },
      add: { attempts: 1 },
    })
    // An engine that locked nothing: what of them is ours cannot be told, so none is.
    if (taken !== jobs.length) throw new Error('jobs were claimed by others although locked')
    return jobs.map(({ id, kind, payload, attempts, maxAttempts }) => {
      return { id, owner, kind, payload, maxAttempts, until, attempt: attempts + 1 }
    })
  }

  /**
   * Locked by their ids, as they stand now, and in that order: a range of another index would lock
   * gaps, in which two claimers wait for each other. What others claim at this moment is passed over.
   */
  const claimAmong = (ids: readonly string[], wanted: number): Promise<Lease[]> =>
    transactional(database.acrossTenants(), async (tx) => {
      const { due, lapsed } = claimable(clock.now())
      const jobs = await tx.find(
        Job,
        { id: { $in: [...ids] }, $or: [due, lapsed] },
        { orderBy: { id: 'asc' }, limit: wanted, lockMode: LockMode.PESSIMISTIC_PARTIAL_WRITE },
      )
      for (const job of jobs) if (deadEnd(job)) await endDead(tx, job)
      return take(
        tx,
        jobs.filter((job) => !deadEnd(job)),
      )
    })

  return {
    /** Up to `wanted` jobs that are due, or whose worker has died. */
    claim: async (kinds: readonly string[], wanted: number): Promise<Lease[]> => {
      const candidates = await findCandidates(kinds, wanted)
      return candidates.length === 0 ? [] : claimAmong(candidates, wanted)
    },

    /** Holds the lease longer. @returns whether it was still held, and whether to cancel */
    renew: async (lease: Lease): Promise<{ isHeld: boolean; isCancelled: boolean }> => {
      const until = leaseEnd()
      const held = stillHeld(lease)
      const isKept =
        (await change({ ...held, cancelRequested: false }, { leaseUntil: until })) === 1
      const isCancelled = !isKept && (await change(held, { leaseUntil: until })) === 1
      const isHeld = isKept || isCancelled
      if (isHeld) lease.until = until
      return { isHeld, isCancelled }
    },

    /** @returns false when the lease was lost */
    report: async (lease: Lease, progress: { done: number; total: number }): Promise<boolean> => {
      const { done, total } = progress
      const set = { progressDone: done, progressTotal: total }
      return (await change(stillHeld(lease), set)) === 1
    },

    /** Ends the job, or puts it back for another attempt. @returns false when the lease was lost */
    end: async (lease: Lease, end: LeaseEnd, unusedAttempts = 0): Promise<boolean> => {
      const isOver = end.status !== 'queued'
      const finishedAt = isOver ? clock.now() : null
      const released = { leaseOwner: null, leaseUntil: null, finishedAt }
      const add = unusedAttempts > 0 ? { attempts: -unusedAttempts } : {}
      return (await change(stillHeld(lease), { ...end, ...released }, add)) === 1
    },
  }
}
