import type { Clock } from '../clock.ts'
import { updateWhere } from '../db/conditional-writes.ts'
import type { Database } from '../db/database.ts'
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

type Candidate = Pick<
  Job,
  'id' | 'status' | 'leaseOwner' | 'attempts' | 'maxAttempts' | 'cancelRequested'
>

/** Jobs looked at for each one wanted: other workers take some of them meanwhile. */
const CANDIDATES_PER_JOB = 4

/**
 * Every change of a claimed job is one conditional update that names its lease, so of several
 * workers one wins, and a worker whose lease was taken over changes nothing more.
 */
export function createLeases({ database, clock, randomness, leaseMilliseconds }: LeaseDeps) {
  const change = (where: object, set: Partial<Job>, add: { attempts?: number } = {}) =>
    updateWhere(database.acrossTenants(), Job, { where, set, add })
  const leaseEnd = () => new Date(clock.now().getTime() + leaseMilliseconds)
  const stillHeld = ({ id, owner }: Lease) => ({ id, leaseOwner: owner, status: 'running' })

  const findCandidates = async (kinds: readonly string[], wanted: number): Promise<Job[]> => {
    const now = clock.now()
    const limit = wanted * CANDIDATES_PER_JOB
    const kind = { $in: [...kinds] }
    const lapsed = { status: 'running' as const, leaseUntil: { $lt: now }, kind }
    const due = { status: 'queued' as const, runAt: { $lte: now }, kind }
    const first = await database
      .acrossTenants()
      .find(Job, lapsed, { orderBy: { leaseUntil: 'asc', id: 'asc' }, limit })
    const then = await database
      .acrossTenants()
      .find(Job, due, { orderBy: { runAt: 'asc', id: 'asc' }, limit })
    return [...first, ...then]
  }

  const asFound = ({ id, status, leaseOwner }: Candidate) => ({ id, status, leaseOwner })

  /** How a job whose worker died ends instead of being run again; null when it is run again. */
  const deadEnd = ({ cancelRequested, attempts, maxAttempts }: Candidate) => {
    if (cancelRequested) return { status: 'cancelled', lastError: 'JOB_CANCELLED' } as const
    if (attempts < maxAttempts) return null
    return { status: 'failed', lastError: 'JOB_LEASE_LOST' } as const
  }

  const tryClaim = async (candidate: Job): Promise<Lease | null> => {
    const end = deadEnd(candidate)
    if (end) {
      const released = { leaseUntil: null, leaseOwner: null, finishedAt: clock.now() }
      await change(asFound(candidate), { ...end, ...released })
      return null
    }
    const { id, kind, payload, maxAttempts } = candidate
    const [owner, until] = [newId(randomness), leaseEnd()]
    const taken = { status: 'running', leaseOwner: owner, leaseUntil: until } as const
    const changed = await change(asFound(candidate), taken, { attempts: 1 })
    if (changed === 0) return null
    return { id, owner, kind, payload, maxAttempts, until, attempt: candidate.attempts + 1 }
  }

  return {
    /** Up to `wanted` jobs that are due, or whose worker has died. */
    claim: async (kinds: readonly string[], wanted: number): Promise<Lease[]> => {
      const leases: Lease[] = []
      for (const candidate of await findCandidates(kinds, wanted)) {
        const lease = await tryClaim(candidate)
        if (lease) leases.push(lease)
        if (leases.length === wanted) break
      }
      return leases
    },

    /** Holds the lease longer. @returns whether it was still held, and whether to cancel */
    renew: async (lease: Lease): Promise<{ isHeld: boolean; isCancelled: boolean }> => {
      const until = leaseEnd()
      const changed = await change(stillHeld(lease), { leaseUntil: until })
      if (changed === 0) return { isHeld: false, isCancelled: false }
      lease.until = until
      const row = await database.acrossTenants().findOne(Job, { id: lease.id })
      return { isHeld: true, isCancelled: row?.cancelRequested === true }
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
