import type { SqlEntityManager } from '#kernel/db/database.ts'
import { FeedRun } from '../../entities/feed-run.ts'
import type { Fixture } from '../../entities/fixture.ts'

/**
 * How long a feed may be silent before nobody bets at its prices any more. A price that stands stores nothing, so how
 * old it is says little; when its feed was heard last says whether it stands. Beyond any sensible polling.
 */
export const LONGEST_SILENCE_MS = 15 * 60_000

const isLiving = ({ isPaused, status, updatedAt }: FeedRun, now: Date) =>
  !isPaused && status !== 'finished' && now.getTime() - updatedAt.getTime() <= LONGEST_SILENCE_MS

/** Those of the fixtures, by id, whose prices are still told: the run of the feed that told of them last lives. */
export async function findLivingFixtures(
  em: SqlEntityManager,
  fixtures: readonly Fixture[],
  now: Date,
): Promise<ReadonlySet<string>> {
  const runIds = new Set(fixtures.flatMap(({ feedRunId }) => feedRunId ?? []))
  const runs = runIds.size === 0 ? [] : await em.find(FeedRun, { id: { $in: [...runIds] } })
  const living = new Set(runs.filter((run) => isLiving(run, now)).map(({ id }) => id))
  const told = fixtures.filter(({ feedRunId }) => feedRunId != null && living.has(feedRunId))
  return new Set(told.map(({ id }) => id))
}
