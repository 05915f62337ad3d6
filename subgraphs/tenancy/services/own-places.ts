import type { Viewer } from '#kernel/auth/viewer.ts'
import type { ChildPage } from '#kernel/db/batches.ts'
import type { Page } from '#kernel/db/keyset-pages.ts'
import { isDecimalId } from '#kernel/ids.ts'
import type { Guild } from '../entities/guild.ts'
import type { Tenant } from '../entities/tenant.ts'
import { tenancyError } from '../errors.ts'
import type { Guilds } from './guilds.ts'
import { pageById } from './id-pages.ts'
import type { Tenants } from './tenants.ts'

/** A user as identity describes them: `ids` are those that identity vouches for. */
export type VouchedIds = { userId: string; ids: readonly string[] }

export type OwnPlaces = ReturnType<typeof createOwnPlaces>

const isKnown = <Value>(value: Value | null): value is Value => value !== null

/** Smallest first; each once, so that a page can name its place by id. */
function tidy(ids: readonly string[]): string[] {
  const known = [...new Set(ids)].filter(isDecimalId)
  return known.sort((one, other) => (BigInt(one) < BigInt(other) ? -1 : 1))
}

/**
 * The guilds and tenants of users. Everybody sees all of their own, also before they have chosen one
 * to act in; of others, what lies within reach.
 */
export function createOwnPlaces({
  viewer,
  guilds,
  tenants,
}: {
  viewer: Viewer
  guilds: Guilds
  tenants: Tenants
}) {
  const isSelf = (userId: string) => viewer.userId === userId
  const requireScope = (userId: string, scope: string) => {
    if (isSelf(userId) || viewer.scopes.includes(scope)) return
    throw tenancyError('PLACES_OF_OTHERS', { scope })
  }
  return {
    guildsOf: async ({ userId, ids }: VouchedIds, page: ChildPage): Promise<Page<Guild>> => {
      requireScope(userId, 'guilds:read')
      const found = isSelf(userId)
        ? guilds.acrossTenantsOfOwn(tidy(ids))
        : Promise.all(tidy(ids).map(guilds.byId))
      return pageById((await found).filter(isKnown), (guild) => guild.guildId, page)
    },
    tenantsOf: async ({ userId, ids }: VouchedIds, page: ChildPage): Promise<Page<Tenant>> => {
      requireScope(userId, 'tenants:read')
      const found = isSelf(userId)
        ? tenants.acrossTenantsOfOwn(tidy(ids))
        : Promise.all(tidy(ids).map(tenants.byId))
      return pageById((await found).filter(isKnown), (tenant) => tenant.id, page)
    },
  }
}
