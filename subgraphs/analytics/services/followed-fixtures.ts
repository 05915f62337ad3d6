import type { FilterQuery } from '@mikro-orm/core'
import { type ChildPage, createPageBatch } from '#kernel/db/batches.ts'
import { findChildPages, type Page, toWindow } from '#kernel/db/keyset-pages.ts'
import { toCondition, type Where } from '#kernel/db/where.ts'
import { CompetitionFollow } from '../entities/competition-follow.ts'
import { Fixture } from '../entities/fixture.ts'
import type { AnalyticsRequest } from './request.ts'

export type FollowedQuery = { where: Where | null | undefined; page: ChildPage }

type Parent = 'guildId' | 'tenantId'

/** Competitions that one follower may have in one list. */
const MOST_COMPETITIONS = 500

/** The pages of several competitions as one, in the order of ids. */
function merge(pages: readonly Page<Fixture>[], { first, after }: ChildPage): Page<Fixture> {
  const { first: size } = toWindow({ first }) as { first: number }
  const edges = pages
    .flatMap((page) => page.edges)
    .sort((left, right) => (BigInt(left.node.id) < BigInt(right.node.id) ? -1 : 1))
  return {
    edges: edges.slice(0, size),
    hasNextPage: edges.length > size || pages.some(({ hasNextPage }) => hasNextPage),
    hasPreviousPage: after != null,
  }
}

async function followedBy(
  { read }: AnalyticsRequest,
  parent: Parent,
  ids: readonly string[],
): Promise<Map<string, Set<string>>> {
  const own = parent === 'tenantId' ? { guildId: null } : {}
  const where = { ...own, [parent]: { $in: [...ids] } } as FilterQuery<CompetitionFollow>
  const follows = await read().find(CompetitionFollow, where, {
    orderBy: { id: 'asc' },
    limit: MOST_COMPETITIONS * ids.length,
  })
  const byParent = Map.groupBy(follows, (follow) => follow[parent] ?? '')
  return new Map(
    [...byParent].map(([id, rows]) => [id, new Set(rows.map((row) => row.competition))]),
  )
}

async function findFollowed(
  request: AnalyticsRequest,
  parent: Parent,
  { ids, query }: { ids: readonly string[]; query: FollowedQuery },
): Promise<Page<Fixture>[]> {
  const followed = await followedBy(request, parent, ids)
  const competitions = [...new Set([...followed.values()].flatMap((names) => [...names]))]
  const em = request.read()
  const { page } = query
  const where = toCondition(em, Fixture, query.where)
  const children = { parent: 'competition' as const, parentIds: competitions, where, page }
  const pages = competitions.length === 0 ? [] : await findChildPages(em, Fixture, children)
  const byName = new Map(competitions.map((name, index) => [name, pages[index]]))
  return ids.map((id) =>
    merge(
      [...(followed.get(id) ?? [])].flatMap((name) => byName.get(name) ?? []),
      page,
    ),
  )
}

export type FollowedFixtures = ReturnType<typeof createFollowedFixtures>

/** The fixtures that guilds and tenants follow: three queries, however many of them are asked for. */
export function createFollowedFixtures(request: AnalyticsRequest) {
  return {
    ofGuild: createPageBatch((ids, query: FollowedQuery) =>
      findFollowed(request, 'guildId', { ids, query }),
    ),
    ofTenant: createPageBatch((ids, query: FollowedQuery) =>
      findFollowed(request, 'tenantId', { ids, query }),
    ),
  }
}
