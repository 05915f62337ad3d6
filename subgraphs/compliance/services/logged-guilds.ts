import { createRowBatch } from '#kernel/db/batches.ts'
import type { SqlEntityManager } from '#kernel/db/database.ts'
import { GuildPlace } from '#kernel/guilds/guild-place.ts'

/** Which guilds have their reads logged; many lists of one answer ask with one query. */
export function createLoggedGuilds(acrossTenants: () => SqlEntityManager) {
  const acrossTenantsLogged = createRowBatch(
    (guildIds) =>
      acrossTenants().find(GuildPlace, { guildId: { $in: [...guildIds] }, auditLogging: true }),
    ({ guildId }: GuildPlace) => guildId,
  )
  return async (guildIds: readonly string[]): Promise<string[]> => {
    const places = await Promise.all(guildIds.map(acrossTenantsLogged))
    return places.flatMap((place) => (place ? [place.guildId] : []))
  }
}
