import { aggregate } from '#kernel/db/aggregates.ts'
import { createRowBatch } from '#kernel/db/batches.ts'
import { findList, type ListQuery } from '#kernel/db/lists.ts'
import { toCondition, type Where } from '#kernel/db/where.ts'
import { isDecimalId } from '#kernel/ids.ts'
import { Fixture } from '../entities/fixture.ts'
import type { AnalyticsRequest } from './request.ts'

/** Figures as a client asks for them. */
export type AggregateRequest = {
  where?: Where | null | undefined
  groupBy: readonly string[]
}

export const FIXTURE_GROUPS = ['competition', 'season', 'source', 'status', 'timing'] as const
export const FIXTURE_MEASURES = ['homeGoals', 'awayGoals'] as const

/** What a feed calls one competition, and how much is known of it. */
export type Competition = { name: string; fixtures: number }

export type Fixtures = ReturnType<typeof createFixtures>

/** Fixtures, alike for every asker. */
export function createFixtures({ read }: AnalyticsRequest) {
  const load = createRowBatch(
    (ids) => read().find(Fixture, { id: { $in: [...ids] } }),
    ({ id }: Fixture) => id,
  )
  return {
    byId: async (id: string): Promise<Fixture | null> => (isDecimalId(id) ? load(id) : null),
    /** @throws WHERE_TOO_LARGE, PAGE_SIZE_INVALID, PAGE_CURSOR_INVALID */
    page: (query: ListQuery<Fixture>) => findList(read(), Fixture, query),
    /** @throws WHERE_TOO_LARGE */
    aggregates: ({ where, groupBy }: AggregateRequest) => {
      const em = read()
      return aggregate(em, Fixture, {
        where: toCondition(em, Fixture, where),
        groupBy: FIXTURE_GROUPS.filter((group) => groupBy.includes(group)),
        measured: FIXTURE_MEASURES,
      })
    },
    competitions: async (): Promise<Competition[]> => {
      const query = { where: {}, groupBy: ['competition'], measured: [] } as const
      const rows = await aggregate(read(), Fixture, query)
      return rows.map(({ group, count }) => ({ name: group.competition ?? '', fixtures: count }))
    },
  }
}
