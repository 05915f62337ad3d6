import type { Clock } from '#kernel/clock.ts'
import { flushUnlessTaken, updateWhere } from '#kernel/db/conditional-writes.ts'
import type { Database, SqlEntityManager } from '#kernel/db/database.ts'
import { FeedRun } from '../entities/feed-run.ts'
import type { FeedSource } from './feeds/feed.ts'

const FIRST_COUNTS = { position: 0, events: 0, quotes: 0, changes: 0, rejected: 0 }

type Opening = { source: FeedSource; identity: string; now: Date }

function newRun(em: SqlEntityManager, { source, identity, now }: Opening): FeedRun {
  const { name: feed, isSimulated } = source
  return em.create(FeedRun, {
    ...FIRST_COUNTS,
    ...{ feed, identity, isSimulated },
    status: 'running',
    isPaused: false,
    leaseUntil: null,
    leaseOwner: null,
    lastErrorCode: null,
    lastErrorAt: null,
    anchor: now,
    startedAt: now,
    updatedAt: now,
  })
}

export type FeedRuns = ReturnType<typeof createFeedRuns>

/** The memory of how far each feed was taken in. */
export function createFeedRuns({ database, clock }: { database: Database; clock: Clock }) {
  return {
    /** The run of a source under this identity; it begins when there is none. */
    open: async (source: FeedSource, identity: string): Promise<FeedRun> => {
      const key = { feed: source.name, identity }
      const known = await database.acrossTenants().findOne(FeedRun, key)
      if (known) return known
      const em = database.acrossTenants()
      em.persist(newRun(em, { source, identity, now: clock.now() }))
      // False: another process began it meanwhile.
      await flushUnlessTaken(em)
      return database.acrossTenants().findOneOrFail(FeedRun, key)
    },
    /** Shows trouble of a feed to whoever looks after it, unless another process has begun to take it in. */
    noteFailure: async (id: string, code: string): Promise<void> => {
      const now = clock.now()
      await updateWhere(database.acrossTenants(), FeedRun, {
        where: { id, leaseUntil: null },
        set: { status: 'failing', lastErrorCode: code, lastErrorAt: now },
      })
    },
  }
}
