import type { Viewer } from '#kernel/auth/viewer.ts'
import { createBatch } from '#kernel/db/batches.ts'
import { UserPlace } from '../entities/user.ts'
import type { Core } from './core.ts'

/** The tenants and guilds in which a person is known. */
export type KnownPlaces = { tenantIds: string[]; guildIds: string[] }

/** Ids told of one person at most, of each kind. */
const MOST_PLACES = 200

export type UserPlaces = ReturnType<typeof createUserPlaces>

/** Where persons are known: one's own places all, another's only within reach. */
export function createUserPlaces({ database }: Core, viewer: Viewer) {
  const find = (em: ReturnType<typeof database.fork>, userIds: readonly string[]) =>
    em.find(
      UserPlace,
      { userId: { $in: [...userIds] } },
      { orderBy: { id: 'asc' }, limit: userIds.length * MOST_PLACES * 2, disableIdentityMap: true },
    )
  const readRows = async (userIds: readonly string[]): Promise<UserPlace[]> => {
    const others = userIds.filter((id) => id !== viewer.userId)
    const own = userIds.filter((id) => id === viewer.userId)
    const [ownRows, otherRows] = await Promise.all([
      own.length > 0 ? find(database.acrossTenants(), own) : [],
      others.length > 0 ? find(database.fork(viewer.reach), others) : [],
    ])
    return [...ownRows, ...otherRows]
  }
  const ofUsers = async (userIds: readonly string[]): Promise<KnownPlaces[]> => {
    const byUser = Map.groupBy(await readRows(userIds), ({ userId }) => String(userId))
    return userIds.map((id) => {
      const rows = byUser.get(id) ?? []
      const tenantIds = [...new Set(rows.map(({ tenantId }) => tenantId))]
      const guildIds = rows.flatMap(({ guildId }) => guildId ?? [])
      return {
        tenantIds: tenantIds.slice(0, MOST_PLACES),
        guildIds: guildIds.slice(0, MOST_PLACES),
      }
    })
  }
  return { ofUser: createBatch(ofUsers) }
}
