import { serviceViewer } from '#kernel/auth/viewer.ts'
import { type Database, transactional } from '#kernel/db/database.ts'
import { newId } from '#kernel/ids.ts'
import type { SeedReport, SubgraphDeps } from '#kernel/service/subgraph.ts'
import { createServices } from './context.ts'
import { GuildTenant } from './entities/guild-tenant.ts'
import { SIMULATED_COMPETITION } from './services/feeds/simulator.ts'
import { acrossTenantsPlaceGuild } from './services/guild-tenants.ts'

type DemoFollower = { tenantId: string; guildId: string | null }

/** The demo tenants Acme and Globex, and Acme's first guild, by the ids that tenancy gives them. */
const FOLLOWERS: readonly DemoFollower[] = [
  { tenantId: '1', guildId: null },
  { tenantId: '1', guildId: '81384788765712384' },
  { tenantId: '2', guildId: null },
]

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

/** Has the demo tenants follow the simulator's league; following twice changes nothing. */
export async function seedDemo(deps: SubgraphDeps): Promise<SeedReport> {
  const viewer = serviceViewer({
    serviceName: 'analytics',
    reach: { kind: 'platform' },
    scopes: [],
    requestId: newId(deps.randomness),
  })
  const { follows } = createServices(deps, viewer)
  for (const follower of FOLLOWERS) {
    const isInPlace = await acrossTenantsPlaceFollower(deps.database, follower)
    if (isInPlace) await follows.follow({ ...follower, competition: SIMULATED_COMPETITION })
  }
  return { lines: [`odds: ${FOLLOWERS.length} followers of ${SIMULATED_COMPETITION}`] }
}
