import { expect, test } from 'vitest'
import {
  ACME_CLUB,
  ACME_GUILD,
  type Ask,
  GLOBEX_GUILD,
  openSeeded,
  VIEWERS,
  without,
} from './tenancy-kit.ts'

const REGISTER = `mutation Register($input: RegisterGuildInput!) {
  registerGuild(input: $input) { id name tenant { code } }
}`
const UPDATE = `mutation Update($input: UpdateGuildInput!) {
  updateGuild(input: $input) {
    id name
    settings { enterpriseFeatures complianceMode auditLogging customBranding integrationConfig }
  }
}`
const MOVE = `mutation Move($guildId: ID!, $to: ID!) {
  moveGuild(input: { guildId: $guildId, toTenantId: $to }) { id tenant { code } }
}`
const REMOVE = 'mutation($guildId: ID!) { removeGuild(input: { guildId: $guildId }) { id name } }'
const NEW_GUILD = '900000000000000001'

const KEEPERS = ['identity', 'ai', 'compliance', 'analytics']
const OFF = { enterpriseFeatures: false, complianceMode: false, auditLogging: false }

const tenantOf = async (ask: Ask, id: string) =>
  (await ask('query($id: ID!) { guild(id: $id) { tenant { code } } }', { id })).data.guild?.tenant
    .code

test('a tenant registers a guild; every keeper of guilds is told in the same transaction', async () => {
  await using world = await openSeeded()
  const input = { tenantId: '1', guildId: NEW_GUILD, name: 'Third' }
  const { data, codes } = await world.as('acmeAdmin')(REGISTER, { input })
  expect(codes).toEqual([])
  expect(data.registerGuild).toEqual({ id: NEW_GUILD, name: 'Third', tenant: { code: 'acme' } })
  const message = {
    kind: 'guild.registered',
    aggregate: `guild:${NEW_GUILD}`,
    payload: { guildId: NEW_GUILD, tenantId: '1', ...OFF },
  }
  for (const keeper of KEEPERS) {
    expect((await world.messages(keeper)).at(-1)).toEqual(message)
  }
  expect((await world.messages('audit')).at(-1)?.payload).toMatchObject({
    action: 'guild.registered',
    guildId: NEW_GUILD,
    tenantId: '1',
  })
})

test('nobody registers a guild for another tenant, without the scope, or from within a guild', async () => {
  await using world = await openSeeded()
  const input = { tenantId: '1', guildId: NEW_GUILD, name: 'Third' }
  expect((await world.as('globexAdmin')(REGISTER, { input })).codes).toEqual(['TENANT_NOT_FOUND'])
  expect((await world.as('acmeGuildAdmin')(REGISTER, { input })).codes).toEqual(['TENANT_WIDE'])
  const scopeless = without(VIEWERS.acmeAdmin, 'guilds:write')
  expect((await world.as(scopeless)(REGISTER, { input })).codes).toEqual([
    'UNAUTHORIZED_FIELD_OR_TYPE',
  ])
  expect((await world.as('operator')(`{ guild(id: "${NEW_GUILD}") { id } }`)).data.guild).toBeNull()
})

test('a registered guild answers GUILD_TAKEN, also to another tenant', async () => {
  await using world = await openSeeded()
  const before = await world.messages('identity')
  const input = { tenantId: '2', guildId: ACME_GUILD, name: 'Mine' }
  expect((await world.as('globexAdmin')(REGISTER, { input })).codes).toEqual(['GUILD_TAKEN'])
  expect(await tenantOf(world.as('operator'), ACME_GUILD)).toBe('acme')
  expect(await world.messages('identity')).toEqual(before)
})

test.each(['0', '-1', 'abc', '9223372036854775808', ''])(
  'the guild id %j is refused',
  async (id) => {
    await using world = await openSeeded()
    const input = { tenantId: '1', guildId: id, name: 'Third' }
    expect((await world.as('acmeAdmin')(REGISTER, { input })).codes).toEqual([
      'TENANCY_INPUT_INVALID',
    ])
  },
)

test('a suspended tenant adds no guild and receives none', async () => {
  await using world = await openSeeded()
  await world.as('operator')('mutation { suspendTenant(input: { tenantId: "1" }) { id } }')
  const input = { tenantId: '1', guildId: NEW_GUILD, name: 'Third' }
  expect((await world.as('acmeAdmin')(REGISTER, { input })).codes).toEqual(['TENANT_SUSPENDED'])
  const moved = await world.as('operator')(MOVE, { guildId: GLOBEX_GUILD, to: '1' })
  expect(moved.codes).toEqual(['TENANT_SUSPENDED'])
})

test('a guild is changed by its tenant and from within, not by others', async () => {
  await using world = await openSeeded()
  const branding = { primaryColor: '#000000', backgroundColor: '#FFFFFF', textColor: '#111111' }
  const input = {
    guildId: ACME_GUILD,
    name: 'Sharps',
    complianceMode: true,
    auditLogging: true,
    customBranding: branding,
    integrationConfig: { discord: { channel: '1' } },
  }
  const { data } = await world.as('acmeAdmin')(UPDATE, { input })
  expect(data.updateGuild).toEqual({
    id: ACME_GUILD,
    name: 'Sharps',
    settings: {
      enterpriseFeatures: true,
      complianceMode: true,
      auditLogging: true,
      customBranding: branding,
      integrationConfig: { discord: { channel: '1' } },
    },
  })
  const within = await world.as('acmeGuildAdmin')(UPDATE, {
    input: { guildId: ACME_GUILD, customBranding: null },
  })
  expect(within.data.updateGuild.settings).toMatchObject({
    customBranding: null,
    complianceMode: true,
  })
  const other = { input: { guildId: ACME_CLUB, name: 'Mine' } }
  expect((await world.as('acmeGuildAdmin')(UPDATE, other)).codes).toEqual(['GUILD_NOT_FOUND'])
  expect((await world.as('globexAdmin')(UPDATE, other)).codes).toEqual(['GUILD_NOT_FOUND'])
  const scopeless = without(VIEWERS.acmeAdmin, 'guilds:write')
  expect((await world.as(scopeless)(UPDATE, other)).codes).toContain('UNAUTHORIZED_FIELD_OR_TYPE')
})

test('paid features are switched by the platform, and bad branding by nobody', async () => {
  await using world = await openSeeded()
  const paid = { input: { guildId: ACME_CLUB, enterpriseFeatures: true } }
  expect((await world.as('acmeAdmin')(UPDATE, paid)).codes).toEqual(['PLATFORM_ONLY'])
  const { data } = await world.as('operator')(UPDATE, paid)
  expect(data.updateGuild.settings.enterpriseFeatures).toBe(true)
  const bad = { input: { guildId: ACME_GUILD, customBranding: { primaryColor: 'red' } } }
  expect((await world.as('operator')(UPDATE, bad)).codes).toEqual(['TENANCY_INPUT_INVALID'])
})

test('the configuration of integrations needs the right to change it; the rest is answered', async () => {
  await using world = await openSeeded()
  const reader = without(VIEWERS.acmeAdmin, 'guilds:write')
  const query = `{ guild(id: "${ACME_GUILD}") { name settings { complianceMode integrationConfig } } }`
  const { data, codes } = await world.as(reader)(query)
  expect(codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
  expect(data.guild).toEqual({
    name: 'Acme Sharps',
    settings: { complianceMode: false, integrationConfig: null },
  })
})

test('the platform moves a guild; every keeper of guilds learns where to', async () => {
  await using world = await openSeeded()
  const { data } = await world.as('operator')(MOVE, { guildId: ACME_CLUB, to: '2' })
  expect(data.moveGuild).toEqual({ id: ACME_CLUB, tenant: { code: 'globex' } })
  expect(await tenantOf(world.as('acmeAdmin'), ACME_CLUB)).toBeUndefined()
  expect(await tenantOf(world.as('globexAdmin'), ACME_CLUB)).toBe('globex')
  const message = {
    kind: 'guild.moved',
    aggregate: `guild:${ACME_CLUB}`,
    payload: { guildId: ACME_CLUB, tenantId: '2', ...OFF },
  }
  for (const keeper of KEEPERS) {
    expect((await world.messages(keeper)).at(-1)).toEqual(message)
  }
})

test('no tenant moves a guild, not even its own', async () => {
  await using world = await openSeeded()
  const move = { guildId: ACME_CLUB, to: '2' }
  expect((await world.as('acmeAlmighty')(MOVE, move)).codes).toEqual(['PLATFORM_ONLY'])
  expect((await world.as('acmeAdmin')(MOVE, move)).codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
  const missing = { guildId: NEW_GUILD, to: '2' }
  expect((await world.as('operator')(MOVE, missing)).codes).toEqual(['GUILD_NOT_FOUND'])
  expect((await world.as('operator')(MOVE, { guildId: ACME_CLUB, to: '9' })).codes).toEqual([
    'TENANT_NOT_FOUND',
  ])
  expect(await tenantOf(world.as('operator'), ACME_CLUB)).toBe('acme')
})

test('a tenant removes its guild, no other and none from within', async () => {
  await using world = await openSeeded()
  const foreign = await world.as('globexAdmin')(REMOVE, { guildId: ACME_CLUB })
  expect(foreign.codes).toEqual(['GUILD_NOT_FOUND'])
  const within = await world.as('acmeGuildAdmin')(REMOVE, { guildId: ACME_GUILD })
  expect(within.codes).toEqual(['TENANT_WIDE'])
  const { data } = await world.as('acmeAdmin')(REMOVE, { guildId: ACME_CLUB })
  expect(data.removeGuild).toEqual({ id: ACME_CLUB, name: 'Acme Parlay Club' })
  expect(await tenantOf(world.as('operator'), ACME_CLUB)).toBeUndefined()
  for (const keeper of KEEPERS) {
    expect((await world.messages(keeper)).at(-1)).toMatchObject({
      kind: 'guild.removed',
      payload: { guildId: ACME_CLUB, tenantId: '1' },
    })
  }
})

test('what a guild switches is told to every keeper; a refused switch to none', async () => {
  await using world = await openSeeded()
  const before = (await world.messages('compliance')).length
  const refused = { input: { guildId: ACME_CLUB, enterpriseFeatures: true, complianceMode: true } }
  expect((await world.as('acmeAdmin')(UPDATE, refused)).codes).toEqual(['PLATFORM_ONLY'])
  expect(await world.messages('compliance')).toHaveLength(before)
  await world.as('acmeAdmin')(UPDATE, { input: { guildId: ACME_CLUB, complianceMode: true } })
  const message = {
    kind: 'guild.updated',
    aggregate: `guild:${ACME_CLUB}`,
    payload: { guildId: ACME_CLUB, tenantId: '1', ...OFF, complianceMode: true },
  }
  for (const keeper of KEEPERS) {
    expect((await world.messages(keeper)).at(-1)).toEqual(message)
  }
})

test('guilds are listed within reach, by page, order and condition', async () => {
  await using world = await openSeeded()
  const list = `query($after: String) {
    guilds(first: 1, after: $after, orderBy: [{ field: NAME, direction: DESC }]) {
      edges { node { name } } pageInfo { hasNextPage endCursor }
    }
  }`
  const first = (await world.as('acmeAdmin')(list)).data.guilds
  expect(first).toMatchObject({
    edges: [{ node: { name: 'Acme Sharps' } }],
    pageInfo: { hasNextPage: true },
  })
  const next = await world.as('acmeAdmin')(list, { after: first.pageInfo.endCursor })
  expect(next.data.guilds).toMatchObject({
    edges: [{ node: { name: 'Acme Parlay Club' } }],
    pageInfo: { hasNextPage: false },
  })
  const foreign = '{ guilds(where: { tenantId: { eq: "2" } }) { edges { node { id } } } }'
  expect((await world.as('acmeAdmin')(foreign)).data.guilds.edges).toEqual([])
  const within = await world.as('acmeGuildAdmin')('{ guilds { edges { node { id } } } }')
  expect(within.data.guilds.edges).toEqual([{ node: { id: ACME_GUILD } }])
})
