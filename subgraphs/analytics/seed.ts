import { serviceViewer } from '#kernel/auth/viewer.ts'
import type { OddsFeedConfig } from '#kernel/config.ts'
import { type Database, transactional } from '#kernel/db/database.ts'
import { newId } from '#kernel/ids.ts'
import type { SeedReport, SubgraphDeps } from '#kernel/service/subgraph.ts'
import { createServices } from './context.ts'
import { CompetitionFollow } from './entities/competition-follow.ts'
import { GuildTenant } from './entities/guild-tenant.ts'
import { SIMULATED_COMPETITION } from './services/feeds/simulator.ts'
import { acrossTenantsPlaceGuild } from './services/guild-tenants.ts'

type DemoFollower = { tenantId: string; guildId: string | null }

/** The demo tenants Acme and Globex and their guilds, by the ids that tenancy gives them. */
const FOLLOWERS: readonly DemoFollower[] = [
  { tenantId: '1', guildId: null },
  { tenantId: '1', guildId: '81384788765712384' },
  { tenantId: '1', guildId: '81384788765712385' },
  { tenantId: '2', guildId: null },
  { tenantId: '2', guildId: '197038439483310086' },
]

/** What the configured feed tells of; null where only the feed itself knows. */
function competitionOf(feed: OddsFeedConfig): string | null {
  if (feed.kind === 'simulator') return SIMULATED_COMPETITION
  return feed.kind === 'season' ? feed.league : null
}

/**
 * Tenancy's own seed delivers the same, in whatever order; where it has said otherwise since, that
 * stands. @returns whether the follower is where the demo world puts it
 */
async function acrossTenantsPlaceFollower(
  database: Database,
  { guildId, tenantId }: DemoFollower,
): Promise<boolean> {
  if (guildId === null) return true
  return transactional(database.acrossTenants(), async (tx) => {
    const known = await tx.findOne(GuildTenant, { guildId })
    if (known) return known.tenantId === tenantId
    await acrossTenantsPlaceGuild(tx, { guildId, tenantId })
    return true
  })
}

/**
 * Has the demo tenants and guilds follow what the feed tells of, once: whoever stops following later
 * stays without.
 */
export async function seedDemo(deps: SubgraphDeps): Promise<SeedReport> {
  const competition = competitionOf(deps.oddsFeed)
  if (competition === null) return { lines: [] }
  const em = deps.database.acrossTenants()
  if ((await em.count(CompetitionFollow, { competition })) > 0) return { lines: [] }
  const viewer = serviceViewer({
    serviceName: 'analytics',
    reach: { kind: 'platform' },
    scopes: [],
    requestId: newId(deps.randomness),
  })
  const { follows } = createServices(deps, viewer)
  for (const follower of FOLLOWERS) {
    const isInPlace = await acrossTenantsPlaceFollower(deps.database, follower)
    if (isInPlace) await follows.follow({ ...follower, competition })
  }
  return { lines: [`The demo's tenants and guilds follow ${competition}`] }
}
