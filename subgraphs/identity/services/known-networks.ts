import { NO_NETWORK } from '#kernel/auth/networks.ts'
import type { Clock } from '#kernel/clock.ts'
import type { LookupHash } from '#kernel/crypto/lookup-hash.ts'
import { deleteWhere, updateWhere } from '#kernel/db/conditional-writes.ts'
import type { Database, SqlEntityManager } from '#kernel/db/database.ts'
import { KnownNetwork } from '../entities/known-network.ts'

/** How long a network is remembered after the last sign-in from it. */
export const REMEMBERED_MILLISECONDS = 90 * 86_400_000
/** Networks remembered of one person; the one not seen for longest gives way. */
export const MOST_NETWORKS = 20

export type KnownNetworks = ReturnType<typeof createKnownNetworks>

/** The networks from which persons signed in, as keyed hashes. */
export function createKnownNetworks({
  database,
  lookup,
  clock,
}: {
  database: Database
  lookup: LookupHash
  clock: Clock
}) {
  const hashOf = (userId: string, network: string) =>
    lookup.of('known_networks.network_hash', `${userId} ${network}`)
  const oldest = () => new Date(clock.now().getTime() - REMEMBERED_MILLISECONDS)

  const makeRoom = async (tx: SqlEntityManager, userId: string): Promise<void> => {
    const newest = await tx.find(
      KnownNetwork,
      { userId },
      { orderBy: { lastSeenAt: 'desc', id: 'desc' }, limit: MOST_NETWORKS - 1 },
    )
    const keptIds = newest.map(({ id }) => id)
    await deleteWhere(tx, KnownNetwork, { userId, id: { $nin: keptIds } })
  }

  return {
    /** Equal work for a person and for nobody. */
    isKnown: async (userId: string | null, network: string): Promise<boolean> => {
      // No row has this id with this hash, which is made of another person's.
      const where = { userId: userId ?? '1', networkHash: hashOf(userId ?? 'nobody', network) }
      const found = await database
        .acrossTenants()
        .count(KnownNetwork, { ...where, lastSeenAt: { $gt: oldest() } })
      return found > 0 && network !== NO_NETWORK
    },

    /** In the transaction of a sign-in, which holds the lock of the person's row. */
    remember: async (tx: SqlEntityManager, userId: string, network: string): Promise<void> => {
      if (network === NO_NETWORK) return
      const where = { userId, networkHash: hashOf(userId, network) }
      const lastSeenAt = clock.now()
      if ((await updateWhere(tx, KnownNetwork, { where, set: { lastSeenAt } })) > 0) return
      await makeRoom(tx, userId)
      tx.persist(tx.create(KnownNetwork, { ...where, lastSeenAt }))
      await tx.flush()
    },

    /** Forgets what is older than is remembered. @returns how many */
    forgetOld: (): Promise<number> =>
      deleteWhere(database.acrossTenants(), KnownNetwork, { lastSeenAt: { $lte: oldest() } }),
  }
}
