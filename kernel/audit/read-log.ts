import type { Viewer } from '../auth/viewer.ts'
import { type Database, transactional } from '../db/database.ts'
import { GuildPlace } from '../guilds/guild-place.ts'
import type { Audit } from './audit.ts'

export type ReadLogDeps = {
  database: Database
  audit: Audit
  viewer: Viewer
  /** Which of these guilds have their reads logged; by default as tenancy delivered it. */
  loggedAmong?: (guildIds: readonly string[]) => Promise<readonly string[]>
}

/** A row of somebody in a guild. */
export type ReadRow = {
  tenantId?: string | null | undefined
  guildId?: string | null | undefined
  userId?: string | null | undefined
}

export type ReadLog = ReturnType<typeof createReadLog>

/**
 * Records who read what of others in guilds with `audit_logging` (DESIGN rule 12), before the answer
 * goes out: what cannot be recorded is not answered.
 */
export function createReadLog({ database, audit, viewer, ...deps }: ReadLogDeps) {
  const acrossTenantsLoggedAmong = async (guildIds: readonly string[]) => {
    const where = { guildId: { $in: [...guildIds] }, auditLogging: true }
    const places = await database.acrossTenants().find(GuildPlace, where)
    return places.map(({ guildId }) => guildId)
  }
  const loggedAmong = deps.loggedAmong ?? acrossTenantsLoggedAmong

  return {
    /** `bets.read` of type `bet`. @returns the rows, so that a read can end with it */
    note: async <Row extends ReadRow>(
      rows: readonly Row[],
      { action, resourceType }: { action: string; resourceType: string },
    ): Promise<readonly Row[]> => {
      const foreign = rows.filter(({ userId }) => userId == null || userId !== viewer.userId)
      const byGuild = Map.groupBy(
        foreign.filter(({ guildId }) => guildId != null),
        ({ guildId }) => String(guildId),
      )
      if (byGuild.size === 0) return rows
      const logged = await loggedAmong([...byGuild.keys()])
      if (logged.length === 0) return rows
      await transactional(database.acrossTenants(), async (tx) => {
        for (const guildId of logged) {
          const read = byGuild.get(guildId) ?? []
          await audit.record(tx, {
            ...{ viewer, action, outcome: 'done', guildId },
            tenantId: read[0]?.tenantId ?? null,
            resource: { type: resourceType, id: null },
            details: { count: read.length },
          })
        }
      })
      return rows
    },
  }
}
