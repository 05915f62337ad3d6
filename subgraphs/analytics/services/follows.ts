import { createChildPages } from '#kernel/db/batches.ts'
import { deleteWhere, flushUnlessTaken } from '#kernel/db/conditional-writes.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { GuildPlace } from '#kernel/guilds/guild-place.ts'
import { CompetitionFollow } from '../entities/competition-follow.ts'
import { analyticsError } from '../errors.ts'
import { readName } from './feeds/values.ts'
import type { AnalyticsRequest } from './request.ts'

/** Whoever follows; absent parts come from the viewer's reach. */
export type FollowInput = {
  competition: string
  tenantId?: string | null | undefined
  guildId?: string | null | undefined
}

type Follow = Pick<CompetitionFollow, 'tenantId' | 'follower' | 'competition'> & {
  guildId: string | null
}

const TENANT_ITSELF = 'tenant'

/** The tenant that the viewer may speak for. @throws FOLLOW_TENANT_REQUIRED, FOLLOW_TENANT_FOREIGN */
function tenantOf({ viewer: { reach } }: AnalyticsRequest, { tenantId }: FollowInput): string {
  const own = reach.kind === 'tenant' || reach.kind === 'guild' ? reach.tenantId : null
  const asked = tenantId ?? own
  if (asked === null) throw analyticsError('FOLLOW_TENANT_REQUIRED')
  if (reach.kind !== 'platform' && asked !== own) throw analyticsError('FOLLOW_TENANT_FOREIGN')
  return asked
}

/** @throws FOLLOW_GUILD_REQUIRED, FOLLOW_GUILD_FOREIGN */
function guildOf({ viewer: { reach } }: AnalyticsRequest, { guildId }: FollowInput): string | null {
  if (reach.kind !== 'guild') return guildId ?? null
  if (guildId == null) throw analyticsError('FOLLOW_GUILD_REQUIRED')
  if (guildId !== reach.guildId) throw analyticsError('FOLLOW_GUILD_FOREIGN')
  return guildId
}

function readFollow(request: AnalyticsRequest, input: FollowInput): Follow {
  const competition = readName(input.competition)
  if (competition === null) throw analyticsError('COMPETITION_INVALID')
  const tenantId = tenantOf(request, input)
  const guildId = guildOf(request, input)
  return { tenantId, guildId, follower: guildId ?? TENANT_ITSELF, competition }
}

/** @throws FOLLOW_GUILD_FOREIGN */
async function checkGuild(tx: SqlEntityManager, { guildId, tenantId }: Follow): Promise<void> {
  if (guildId === null) return
  const place = await tx.findOne(GuildPlace, { guildId, tenantId })
  if (!place) throw analyticsError('FOLLOW_GUILD_FOREIGN')
}

type Act = { action: 'competition.follow' | 'competition.unfollow'; row: CompetitionFollow }

function record({ audit, viewer }: AnalyticsRequest, tx: SqlEntityManager, { action, row }: Act) {
  const { id, tenantId, guildId, competition } = row
  return audit.record(tx, {
    ...{ viewer, action, tenantId, outcome: 'done' },
    guildId: guildId ?? null,
    resource: { type: 'competition-follow', id },
    details: { competition },
  })
}

const keyOf = ({ tenantId, follower, competition }: Follow) => ({ tenantId, follower, competition })

async function follow(request: AnalyticsRequest, input: FollowInput): Promise<CompetitionFollow> {
  const asked = readFollow(request, input)
  const followed = await transactional(request.read(), async (tx) => {
    await checkGuild(tx, asked)
    const known = await tx.findOne(CompetitionFollow, keyOf(asked))
    if (known) return known
    const row = tx.create(CompetitionFollow, { ...asked, createdAt: request.clock.now() })
    tx.persist(row)
    if (!(await flushUnlessTaken(tx))) return null
    await record(request, tx, { action: 'competition.follow', row })
    return row
  })
  // Null: the same follow was made at the same time, which is as good; its row is seen from outside.
  return followed ?? request.read().findOneOrFail(CompetitionFollow, keyOf(asked))
}

async function unfollow(
  request: AnalyticsRequest,
  input: FollowInput,
): Promise<CompetitionFollow | null> {
  const asked = readFollow(request, input)
  return transactional(request.read(), async (tx) => {
    await checkGuild(tx, asked)
    const row = await tx.findOne(CompetitionFollow, keyOf(asked))
    if (!row) return null
    const removed = await deleteWhere(tx, CompetitionFollow, { id: row.id })
    if (removed === 0) return null
    await record(request, tx, { action: 'competition.unfollow', row })
    return row
  })
}

export type Follows = ReturnType<typeof createFollows>

/** Which competitions tenants and their guilds follow. */
export function createFollows(request: AnalyticsRequest) {
  const { read } = request
  return {
    /**
     * Following twice changes nothing. @throws COMPETITION_INVALID, FOLLOW_TENANT_REQUIRED,
     * FOLLOW_TENANT_FOREIGN, FOLLOW_GUILD_REQUIRED, FOLLOW_GUILD_FOREIGN
     */
    follow: (input: FollowInput) => follow(request, input),
    /** @returns what ended, or null when it was not followed; @throws as `follow` */
    unfollow: (input: FollowInput) => unfollow(request, input),
    ofGuild: createChildPages(read, CompetitionFollow, { parent: 'guildId' }),
    /** What the tenant itself follows; its guilds follow for themselves. */
    ofTenant: createChildPages(read, CompetitionFollow, {
      parent: 'tenantId',
      where: { guildId: null },
    }),
  }
}
