import type { Guild, Limits } from './season-bets-book.ts'
import type { Asker, Platform } from './season-bets-platform.ts'

const CURRENCIES = ['EUR', 'GBP', 'USD', 'JPY'] as const
const PLAYERS = 14

/** Limits that differ from the defaults, so that some bets meet them. */
const NARROW: Limits = { minStake: 50n, maxStake: 9_000n, maxPayout: 60_000n, maxLegs: 3, fee: 0 }
const WIDE: Limits = {
  ...{ minStake: 1n, maxStake: 5_000_000n, maxPayout: 900_000_000n, maxLegs: 20, fee: 1_234 },
}

/** Four guilds of two tenants; one has the stricter rules. */
export const makeGuilds = (): Guild[] => [
  { guildId: '81384788765712384', tenantId: '1', isStrict: false, limits: new Map() },
  { guildId: '81384788765712385', tenantId: '1', isStrict: true, limits: new Map() },
  { guildId: '197038439483310086', tenantId: '2', isStrict: false, limits: new Map() },
  { guildId: '197038439483310087', tenantId: '2', isStrict: false, limits: new Map() },
]

export const OPERATOR: Asker = {
  userId: '1',
  reach: { kind: 'platform' },
  scopes: ['bets:settle', 'figures:read', 'fixtures:read', 'money:read'],
}

const ofTenant = (tenantId: string, userId: string, scopes: readonly string[]): Asker => ({
  ...{ userId, scopes },
  reach: { kind: 'tenant', tenantId },
})

export const cashierOf = ({ tenantId }: Guild) =>
  ofTenant(tenantId, `90${tenantId}`, ['money:read', 'money:write'])
/** Books for the other tenant. */
export const strangerTo = ({ tenantId }: Guild) =>
  cashierOf({ tenantId: tenantId === '1' ? '2' : '1' } as Guild)
export const officerOf = ({ tenantId }: Guild) =>
  ofTenant(tenantId, `91${tenantId}`, ['money:freeze', 'money:read'])
export const adminOf = ({ tenantId }: Guild) =>
  ofTenant(tenantId, `92${tenantId}`, ['limits:write'])
/** Somebody who settles for one tenant, which the platform alone may. */
export const pretenderOf = ({ tenantId }: Guild) =>
  ofTenant(tenantId, `93${tenantId}`, ['bets:settle', 'fixtures:read'])
/** A player who books for others too. */
export const bookingPlayer = ({ tenantId }: Guild, userId: string) =>
  ofTenant(tenantId, userId, ['bets:place', 'money:read', 'money:write'])

export const playerOf = ({ tenantId, guildId }: Guild, userId: string): Asker => ({
  userId,
  reach: { kind: 'guild', tenantId, guildId },
  scopes: ['bets:place', 'fixtures:read', 'odds:read'],
})

/** Who has which accounts: everybody in two guilds, in one or two currencies. */
export const walletsToOpen = (guilds: readonly Guild[]) =>
  Array.from({ length: PLAYERS }, (_unused, index) => {
    const userId = String(21 + index)
    const at = (place: number) => guilds[(index + place) % guilds.length] as Guild
    const currency = (place: number) => CURRENCIES[(index + place) % CURRENCIES.length] as string
    return [
      { guild: at(0), userId, currency: currency(0) },
      { guild: at(1), userId, currency: currency(0) },
      { guild: at(0), userId, currency: currency(1) },
    ]
  }).flat()

/** Tells analytics of the guilds. */
export async function registerGuilds(platform: Platform, guilds: readonly Guild[]): Promise<void> {
  for (const { guildId, tenantId, isStrict } of guilds) {
    const facts = { guildId, tenantId, complianceMode: isStrict, auditLogging: isStrict }
    await platform.deliver('guild.registered', facts)
  }
}

export const limitChoices: readonly Limits[] = [NARROW, WIDE]
