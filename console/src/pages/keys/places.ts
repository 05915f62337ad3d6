import { useSession } from '../../session/rights.ts'
import { useWhoAmI } from '../../session/who-am-i.ts'

/** Where a key works: a guild, a tenant, or (both null) the whole platform. */
export type Place = { tenantId: string | null; guildId: string | null }

const nameIn = (list: readonly { id: string; name: string }[], id: string) =>
  list.find((place) => place.id === id)?.name ?? id

/** Says a place in words, by name where the name is known. */
export function usePlaceWords(): (place: Place) => string {
  const { tenants, guilds } = useWhoAmI()
  return ({ tenantId, guildId }) => {
    if (guildId !== null) return `Guild ${nameIn(guilds, guildId)}`
    return tenantId === null ? 'Whole platform' : `Tenant ${nameIn(tenants, tenantId)}`
  }
}

export type PlaceChoice = { value: string; label: string }

/** Where this session holds; the platform puts a key there where nothing else is said. */
export const SESSION_PLACE = 'session'
/** A place that is named by its id. */
export const OTHER_PLACES = { tenant: 'other-tenant', guild: 'other-guild' } as const

/** The places within reach of this session that a key may be for. */
export function usePlaceChoices(): readonly PlaceChoice[] {
  const { reach, tenantId, guildId } = useSession()
  const { place, tenants, guilds } = useWhoAmI()
  const here = { value: SESSION_PLACE, label: `Where you are signed in: ${place}` }
  if (reach === 'GUILD' || reach === 'NONE') return [here]
  const ofGuilds = guilds
    .filter(({ id }) => id !== guildId)
    .map(({ id, name }) => ({ value: `guild:${id}`, label: `Guild ${name}` }))
  const byId = { value: OTHER_PLACES.guild, label: 'Another guild, by its id' }
  if (reach === 'TENANT') return [here, ...ofGuilds, byId]
  const ofTenants = tenants
    .filter(({ id }) => id !== tenantId)
    .map(({ id, name }) => ({ value: `tenant:${id}`, label: `Tenant ${name}` }))
  const tenantById = { value: OTHER_PLACES.tenant, label: 'Another tenant, by its id' }
  return [here, ...ofTenants, ...ofGuilds, tenantById, byId]
}

/** A choice as `createApiKey` takes it. */
export function placeInput(
  choice: string,
  otherId: string,
): { tenantId?: string; guildId?: string } {
  if (choice === OTHER_PLACES.tenant) return { tenantId: otherId.trim() }
  if (choice === OTHER_PLACES.guild) return { guildId: otherId.trim() }
  const [kind, id = ''] = choice.split(':')
  if (kind === 'tenant') return { tenantId: id }
  return kind === 'guild' ? { guildId: id } : {}
}
