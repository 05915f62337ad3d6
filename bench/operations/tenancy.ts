import { GUILD, TENANT } from '../bets-players.ts'
import { act, idOf, type Maker, type Makers, see } from './maker.ts'
import { createStock, type Stock } from './stock.ts'
import type { World } from './world.ts'

/** Tenants that the others' things are put in, by turns: changes of one tenant wait for each other. */
const HOMES = 10
/** Discord's ids are large; these are nobody's. */
const FIRST_GUILD = 900_000_000_000_000_000n
const LIMIT = '1000000000'

/** Tenants that stay. */
export function createHomes({ operator, serial, repeat }: World): Stock<string> {
  const make: Maker = {
    ask: () => {
      const input = { code: `home-${serial()}`, name: 'A tenant that stays' }
      return act(operator, input, (made) => homes.put(idOf(made)))
    },
  }
  const homes = createStock<string>('tenants that stay', (count) =>
    repeat('openTenant', make, count),
  )
  return homes
}

function tenantMakers({ operator, serial, repeat }: World): Makers {
  const opened = createStock<string>('tenants', (count) => repeat('openTenant', openTenant, count))
  const suspended = createStock<string>('suspended tenants', (count) =>
    repeat('suspendTenant', suspendTenant, count),
  )
  const openTenant: Maker = {
    ask: () => {
      const input = { code: `tenant-${serial()}`, name: 'A tenant', planType: 'PROFESSIONAL' }
      return act(operator, input, (made) => opened.put(idOf(made)))
    },
  }
  const suspendTenant: Maker = {
    prepare: opened.fill,
    ask: () => {
      const tenantId = opened.take()
      return act(operator, { tenantId }, () => suspended.put(tenantId))
    },
  }
  return {
    openTenant,
    updateTenant: {
      prepare: opened.fill,
      ask: () => act(operator, { tenantId: opened.next(), name: `Renamed ${serial()}` }),
    },
    suspendTenant,
    restoreTenant: {
      prepare: suspended.fill,
      ask: () => {
        const tenantId = suspended.take()
        return act(operator, { tenantId }, () => opened.put(tenantId))
      },
    },
    tenant: { ask: () => see(operator, { id: TENANT }) },
    tenants: { ask: () => see(operator) },
  }
}

function flagMakers({ operator, serial, repeat, players }: World, homes: Stock<string>): Makers {
  type Flag = { tenantId: string; key: string }
  const flags = createStock<Flag>('flags', (count) =>
    repeat('setFeatureFlag', setFeatureFlag, count),
  )
  const setFeatureFlag: Maker = {
    prepare: () => homes.fill(HOMES),
    ask: () => {
      const flag = { tenantId: homes.next(), key: `flag.${serial()}` }
      const input = { ...flag, isEnabled: true, rolloutPercent: 50, description: 'A flag.' }
      return act(operator, input, () => flags.put(flag))
    },
  }
  const subject = players[0]?.userId ?? '1'
  return {
    setFeatureFlag,
    featureFlags: { ask: () => see(operator) },
    evaluateFlag: {
      ask: () => see(operator, { tenantId: TENANT, key: 'live.cashout', subject }),
    },
    removeFeatureFlag: { prepare: flags.fill, ask: () => act(operator, flags.take()) },
    setCustomization: {
      prepare: () => homes.fill(HOMES),
      ask: () => {
        const data = { hello: `Hello ${serial()}`, goodbye: 'Goodbye' }
        return act(operator, { tenantId: homes.next(), type: 'MESSAGES', data })
      },
    },
  }
}

function guildMakers({ operator, serial, repeat }: World, homes: Stock<string>): Makers {
  type Place = { guildId: string; home: number }
  const guilds = createStock<Place>('guilds', (count) =>
    repeat('registerGuild', registerGuild, count),
  )
  const registerGuild: Maker = {
    prepare: () => homes.fill(HOMES),
    ask: () => {
      const number = serial()
      const place = { guildId: String(FIRST_GUILD + BigInt(number)), home: number % HOMES }
      const input = { guildId: place.guildId, tenantId: homes.all[place.home], name: 'A guild' }
      return act(operator, input, () => guilds.put(place))
    },
  }
  return {
    registerGuild,
    updateGuild: {
      prepare: guilds.fill,
      ask: () => act(operator, { guildId: guilds.next().guildId, name: `Renamed ${serial()}` }),
    },
    moveGuild: {
      prepare: guilds.fill,
      ask: () => {
        const place = guilds.next()
        place.home = (place.home + 1) % HOMES
        return act(operator, { guildId: place.guildId, toTenantId: homes.all[place.home] })
      },
    },
    removeGuild: {
      prepare: guilds.fill,
      ask: () => act(operator, { guildId: guilds.take().guildId }),
    },
    guild: { ask: () => see(operator, { id: GUILD }) },
    guilds: { ask: () => see(operator) },
  }
}

function quotaMakers({ operator, serial, repeat }: World, homes: Stock<string>): Makers {
  type Named = { tenantId: string; resource: string }
  type Use = { tenantId: string; idempotencyKey: string }
  const quotas = createStock<Named>('quotas', (count) => repeat('setQuota', setQuota, count))
  const uses = createStock<Use>('uses of quotas', (count) => repeat('useQuota', useQuota, count))
  const setQuota: Maker = {
    prepare: () => homes.fill(HOMES),
    ask: () => {
      const quota = { tenantId: homes.next(), resource: `bench.${serial()}` }
      const input = { ...quota, limit: LIMIT, resetPeriod: 'DAILY' }
      return act(operator, input, () => quotas.put(quota))
    },
  }
  const useQuota: Maker = {
    prepare: () => quotas.fill(HOMES),
    ask: () => {
      const { tenantId, resource } = quotas.next()
      const use = { tenantId, idempotencyKey: `use-of-bench-${serial()}` }
      return act(operator, { ...use, resource, amount: '1' }, () => uses.put(use))
    },
  }
  return {
    setQuota,
    useQuota,
    releaseQuota: { prepare: uses.fill, ask: () => act(operator, uses.take()) },
    quotas: { ask: () => see(operator) },
    quotaAggregates: { ask: () => see(operator, { groupBy: ['TENANT_ID'] }) },
  }
}

/** Tenants and what is theirs. */
export function tenancyMakers(world: World, homes: Stock<string>): Makers {
  return {
    ...tenantMakers(world),
    ...flagMakers(world, homes),
    ...guildMakers(world, homes),
    ...quotaMakers(world, homes),
  }
}
