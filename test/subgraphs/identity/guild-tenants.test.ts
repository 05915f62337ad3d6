import { expect, test } from 'vitest'
import { GuildMember } from '#subgraphs/identity/entities/guild-member.ts'
import { GuildTenant } from '#subgraphs/identity/entities/guild-tenant.ts'
import {
  ACME,
  ACME_ADMIN,
  ACME_GUILD,
  ACME_MEMBER,
  GLOBEX,
  GLOBEX_ADMIN,
  openWorld,
  type World,
} from './kit/identity-world.ts'

const tenantOf = async (world: World, guildId: string) =>
  (await world.database.acrossTenants().findOne(GuildTenant, { guildId }))?.tenantId

test('a delivery that comes twice, and one that comes late, change nothing', async () => {
  await using world = await openWorld()
  const at = world.clock.now()
  world.clock.advance(1_000)
  const payload = { guildId: '4711', tenantId: GLOBEX }
  const registered = { kind: 'guild.registered', payload, key: 'once' }
  await world.deliver([registered])
  expect(await world.deliver([registered])).toEqual({ accepted: ['once'] })
  const late = {
    kind: 'guild.moved',
    payload: { ...payload, tenantId: ACME },
    at: at.toISOString(),
  }
  expect((await world.deliver([late])).accepted).toHaveLength(1)
  expect(await tenantOf(world, '4711')).toBe(GLOBEX)
})

test('a guild that moves takes its members along and leaves what its tenant gave', async () => {
  await using world = await openWorld()
  const member = await world.as(ACME_MEMBER)
  const admin = await world.as(ACME_ADMIN)
  world.clock.advance(1_000)
  const payload = { guildId: ACME_GUILD, tenantId: GLOBEX }
  await world.deliver([{ kind: 'guild.moved', payload }])
  const members = await world.database.acrossTenants().find(GuildMember, { guildId: ACME_GUILD })
  expect(new Set(members.map(({ tenantId }) => tenantId))).toEqual(new Set([GLOBEX]))
  expect(await world.as(ACME_MEMBER)).toMatchObject({ reach: { kind: 'none' } })
  const see = async (account: typeof ACME_ADMIN) => {
    const { data } = await world.execute(
      await world.as(account),
      `query ($id: ID!) { user(id: $id) { displayName } }`,
      { id: member.userId },
    )
    return data.user
  }
  expect(await see(GLOBEX_ADMIN)).toEqual({ displayName: 'Max Member' })
  expect(await see(ACME_ADMIN)).toBeNull()
  const { data } = await world.execute(
    await world.as(GLOBEX_ADMIN),
    `query ($id: ID!) { user(id: $id) { id } }`,
    {
      id: admin.userId,
    },
  )
  expect(data.user).toEqual({ id: admin.userId })
})

test('whether reads are logged follows what tenancy told last; a guild announced late is known', async () => {
  await using world = await openWorld({ isTicking: true })
  const isLogged = async (guildId: string) =>
    (await world.database.acrossTenants().findOne(GuildTenant, { guildId }))?.auditLogging
  const late = world.clock.now().toISOString()
  const tell = (kind: string, payload: object, at?: string) =>
    world.deliver([{ kind, payload, ...(at !== undefined && { at }) }])
  expect(await isLogged(ACME_GUILD)).toBe(false)
  await tell('guild.updated', { guildId: ACME_GUILD, tenantId: ACME, auditLogging: true })
  expect(await isLogged(ACME_GUILD)).toBe(true)
  await tell('guild.updated', { guildId: ACME_GUILD, tenantId: ACME, auditLogging: false }, late)
  expect(await isLogged(ACME_GUILD)).toBe(true)
  await tell('guild.announced', { guildId: '4711', tenantId: GLOBEX, auditLogging: true })
  expect([await tenantOf(world, '4711'), await isLogged('4711')]).toEqual([GLOBEX, true])
  await tell('guild.updated', { guildId: ACME_GUILD, tenantId: ACME })
  expect(await isLogged(ACME_GUILD)).toBe(false)
})

test('a guild that is gone has no members', async () => {
  await using world = await openWorld()
  world.clock.advance(1_000)
  const payload = { guildId: ACME_GUILD, tenantId: ACME }
  expect((await world.deliver([{ kind: 'guild.removed', payload }])).accepted).toHaveLength(1)
  expect(await tenantOf(world, ACME_GUILD)).toBeUndefined()
  expect(await world.database.acrossTenants().count(GuildMember, { guildId: ACME_GUILD })).toBe(0)
})

test('a delivery that makes no sense is not accepted (DELIVERY_INVALID), the ones before it are', async () => {
  await using world = await openWorld()
  const { accepted } = await world.deliver([
    { kind: 'tenant.suspended', payload: { tenantId: ACME }, key: 'good' },
    { kind: 'guild.moved', payload: { guildId: 'x' }, key: 'bad' },
  ])
  expect(accepted).toEqual(['good'])
})
