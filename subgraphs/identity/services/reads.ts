import { createReadLog } from '#kernel/audit/read-log.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { transactional } from '#kernel/db/database.ts'
import type { GuildMember } from '../entities/guild-member.ts'
import { GuildTenant } from '../entities/guild-tenant.ts'
import type { SecurityEvent } from '../entities/security-event.ts'
import { type User, UserPlace } from '../entities/user.ts'
import type { Core } from './core.ts'
import { placeOf } from './places.ts'

/** Guild places looked at for one user, as many as the user tells of. */
const MOST_PLACES = 200

export type Reads = ReturnType<typeof createReads>

/**
 * Records who read what of others in guilds with audit logging, before the answer goes out. One
 * record for each guild and look, with the number of rows, not one for each row.
 */
export function createReads({ database, audit }: Core, viewer: Viewer) {
  const acrossTenantsLoggedAmong = async (guildIds: readonly string[]) => {
    const where = { guildId: { $in: [...guildIds] }, auditLogging: true }
    const found = await database.acrossTenants().find(GuildTenant, where)
    return found.map(({ guildId }) => guildId)
  }
  const log = createReadLog({ database, audit, viewer, loggedAmong: acrossTenantsLoggedAmong })

  return {
    ofMembers: (members: readonly GuildMember[]) =>
      log.note(members, { action: 'members.read', resourceType: 'guild-member' }),

    /** Persons are read in the guilds in which they are known and which the viewer reaches. */
    ofUsers: async (users: readonly User[]): Promise<void> => {
      const others = users.map(({ id }) => id).filter((id) => id !== viewer.userId)
      if (others.length === 0) return
      const places = await database.fork(viewer.reach).find(
        UserPlace,
        { userId: { $in: others }, guildId: { $ne: null } },
        {
          orderBy: { id: 'asc' },
          limit: others.length * MOST_PLACES,
          disableIdentityMap: true,
        },
      )
      const rows = places.map(({ tenantId, guildId, userId }) => ({
        tenantId,
        guildId,
        userId: String(userId),
      }))
      await log.note(rows, { action: 'users.read', resourceType: 'user' })
    },

    ofSecurityEvents: (events: readonly SecurityEvent[]) =>
      log.note(events, { action: 'security.read', resourceType: 'security-event' }),

    /** A live feed is one look that lasts: recorded once, at the place that is followed. */
    ofSecurityFeed: async (): Promise<void> => {
      const logged = await database
        .fork(viewer.reach)
        .find(GuildTenant, { auditLogging: true }, { limit: 1 })
      if (logged.length === 0) return
      await transactional(database.acrossTenants(), (tx) =>
        audit.record(tx, {
          viewer,
          action: 'security.followed',
          resource: { type: 'security-event', id: null },
          outcome: 'done',
          ...placeOf(viewer.reach),
        }),
      )
    },
  }
}
