import { expect, test } from 'vitest'
import { OutboxRow } from '#kernel/audit/outbox-row.ts'
import { transactional } from '#kernel/db/database.ts'
import { CompetitionFollow } from '#subgraphs/analytics/entities/competition-follow.ts'
import { guildDeliveries } from '#subgraphs/analytics/services/guild-tenants.ts'
import {
  ACME_GUILD,
  countQueries,
  GLOBEX_GUILD,
  openAnalytics,
  seasonFeed,
  seasonFile,
  type World,
} from './analytics-kit.ts'
import { temporaryFile } from './feeds/feeds-kit.ts'

const FOLLOW = `mutation ($input: FollowCompetitionInput!) {
  followCompetition(input: $input) { id competition tenant { id } guild { id } } }`
const UNFOLLOW = `mutation ($input: FollowCompetitionInput!) {
  unfollowCompetition(input: $input) { id competition } }`
const FOLLOWED = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
  ... on Guild { follows { edges { node { competition } } } fixtures(first: 2) { edges { cursor node { home } } pageInfo { hasNextPage endCursor } } }
  ... on Tenant { follows { edges { node { competition } } } fixtures { edges { node { home } } } } } }`

const ACME_SECOND_GUILD = '81384788765712385'
const SIMULATOR = { kind: 'simulator', seed: 'demo', intervalSeconds: 60 } as const

const guild = (id: string) => ({ __typename: 'Guild', id })
const tenant = (id: string) => ({ __typename: 'Tenant', id })

async function registerGuilds(world: World) {
  const acme = { guildId: ACME_GUILD, tenantId: '1' }
  const globex = { guildId: GLOBEX_GUILD, tenantId: '2' }
  expect(await world.deliver('one', 'guild.registered', acme)).toEqual({ accepted: ['one'] })
  expect(await world.deliver('two', 'guild.registered', globex)).toEqual({ accepted: ['two'] })
}

const auditOf = async ({ database }: World) => {
  const rows = await database.acrossTenants().find(OutboxRow, {}, { orderBy: { id: 'asc' } })
  return rows.map(({ payload }) => JSON.parse(payload) as Record<string, unknown>)
}

test('a tenant follows a competition once however often it says so, and that is audited once', async () => {
  await using world = await openAnalytics()
  const input = { competition: 'E0' }
  const first = await world.ask('acmeAdmin', FOLLOW, { input })
  const second = await world.ask('acmeAdmin', FOLLOW, { input })
  expect(first.data.followCompetition).toMatchObject({
    competition: 'E0',
    tenant: { id: '1' },
    guild: null,
  })
  expect(second.data).toEqual(first.data)
  expect(await auditOf(world)).toMatchObject([
    { action: 'competition.follow', tenantId: '1', details: { competition: 'E0' } },
  ])
})

test('an unfollow returns what ended; a second one returns null and audits nothing', async () => {
  await using world = await openAnalytics()
  const input = { competition: 'E0' }
  await world.ask('acmeAdmin', FOLLOW, { input })
  const first = await world.ask('acmeAdmin', UNFOLLOW, { input })
  const second = await world.ask('acmeAdmin', UNFOLLOW, { input })
  expect(first.data.unfollowCompetition.competition).toBe('E0')
  expect(second).toMatchObject({ data: { unfollowCompetition: null }, codes: [] })
  expect((await auditOf(world)).map(({ action }) => action)).toEqual([
    'competition.follow',
    'competition.unfollow',
  ])
})

test('a guild of the tenant may follow; a foreign or unknown one answers FOLLOW_GUILD_FOREIGN', async () => {
  await using world = await openAnalytics()
  await registerGuilds(world)
  const follow = (guildId: string) =>
    world.ask('acmeAdmin', FOLLOW, { input: { competition: 'E0', guildId } })
  expect((await follow(ACME_GUILD)).data.followCompetition.guild).toEqual({ id: ACME_GUILD })
  expect((await follow(GLOBEX_GUILD)).codes).toEqual(['FOLLOW_GUILD_FOREIGN'])
  expect((await follow('99')).codes).toEqual(['FOLLOW_GUILD_FOREIGN'])
  expect(await world.database.acrossTenants().count(CompetitionFollow, {})).toBe(1)
})

test('rights in one guild follow for that guild alone', async () => {
  await using world = await openAnalytics()
  await registerGuilds(world)
  const follow = (input: object) =>
    world.ask('acmeGuildAdmin', FOLLOW, { input: { competition: 'E0', ...input } })
  expect((await follow({ guildId: ACME_GUILD })).codes).toEqual([])
  expect((await follow({})).codes).toEqual(['FOLLOW_GUILD_REQUIRED'])
  expect((await follow({ guildId: GLOBEX_GUILD })).codes).toEqual(['FOLLOW_GUILD_FOREIGN'])
})

test('the operator says for which tenant; a tenant cannot speak for another', async () => {
  await using world = await openAnalytics()
  const follow = (who: 'operator' | 'acmeAdmin', tenantId?: string) =>
    world.ask(who, FOLLOW, { input: { competition: 'E0', tenantId } })
  expect((await follow('operator', '2')).data.followCompetition.tenant).toEqual({ id: '2' })
  expect((await follow('operator')).codes).toEqual(['FOLLOW_TENANT_REQUIRED'])
  expect((await follow('acmeAdmin', '1')).codes).toEqual([])
  expect((await follow('acmeAdmin', '2')).codes).toEqual(['FOLLOW_TENANT_FOREIGN'])
})

test.each(['', ' ', 'x'.repeat(65), 'two\nlines'])(
  'the competition %j answers COMPETITION_INVALID',
  async (competition) => {
    await using world = await openAnalytics()
    const { codes } = await world.ask('acmeAdmin', FOLLOW, { input: { competition } })
    expect(codes).toEqual(['COMPETITION_INVALID'])
  },
)

test('who may not write follows, or not read them, gets null and a code', async () => {
  await using world = await openAnalytics()
  const write = await world.ask('spectator', FOLLOW, { input: { competition: 'E0' } })
  expect(write).toMatchObject({
    data: { followCompetition: null },
    codes: ['UNAUTHORIZED_FIELD_OR_TYPE'],
  })
  const read = await world.ask('spectator', FOLLOWED, { representations: [tenant('1')] })
  expect(read).toMatchObject({
    data: { _entities: [{ follows: null, fixtures: { edges: [] } }] },
    codes: ['UNAUTHORIZED_FIELD_OR_TYPE'],
  })
})

const MATCHES = seasonFile(
  ['Arsenal', 'Brentford', 'Chelsea'].map((home) => ({ home, away: 'Luton', open_h: 2 })),
)

test('a guild shows the fixtures it follows page by page; another tenant sees none of it', async () => {
  await using file = await temporaryFile(MATCHES)
  await using world = await openAnalytics({ oddsFeed: seasonFeed(file.path) })
  await registerGuilds(world)
  await world.play()
  await world.ask('acmeAdmin', FOLLOW, { input: { competition: 'E0', guildId: ACME_GUILD } })
  await world.ask('globexAdmin', FOLLOW, { input: { competition: 'E0' } })
  const representations = [guild(ACME_GUILD), tenant('1'), tenant('2')]
  const own = await world.ask('acmeAdmin', FOLLOWED, { representations })
  const [followed, acme, globex] = own.data._entities
  expect(followed.follows.edges).toEqual([{ node: { competition: 'E0' } }])
  expect(followed.fixtures.edges).toHaveLength(2)
  expect(followed.fixtures.pageInfo.hasNextPage).toBe(true)
  expect([acme.fixtures.edges, globex.fixtures.edges, globex.follows.edges]).toEqual([[], [], []])
  const foreign = await world.ask('globexAdmin', FOLLOWED, { representations })
  expect(foreign.data._entities[0]).toMatchObject({
    follows: { edges: [] },
    fixtures: { edges: [] },
  })
  expect(foreign.data._entities[2].fixtures.edges).toHaveLength(3)
  const rest = FOLLOWED.replace('first: 2', `after: "${followed.fixtures.pageInfo.endCursor}"`)
  const last = await world.ask('acmeAdmin', rest, { representations: [guild(ACME_GUILD)] })
  expect(last.data._entities[0].fixtures.edges).toHaveLength(1)
  const backward = FOLLOWED.replace('first: 2', 'last: 2')
  const refused = await world.ask('acmeAdmin', backward, { representations: [guild(ACME_GUILD)] })
  expect(refused.codes).toEqual(['PAGE_SIZE_INVALID'])
})

test('thirty guilds with their fixtures cost as many queries as one', async () => {
  await using file = await temporaryFile(MATCHES)
  await using world = await openAnalytics({ oddsFeed: seasonFeed(file.path) })
  await world.play()
  const ids = Array.from({ length: 30 }, (_unused, index) => String(1000 + index))
  for (const guildId of ids) {
    await world.deliver(guildId, 'guild.registered', { guildId, tenantId: '1' })
    await world.ask('acmeAdmin', FOLLOW, { input: { competition: 'E0', guildId } })
  }
  const ask = (some: readonly string[]) =>
    countQueries(world.database, async () => {
      const { data } = await world.ask('acmeAdmin', FOLLOWED, { representations: some.map(guild) })
      expect(data._entities.at(-1).fixtures.edges).toHaveLength(2)
    })
  const one = await ask(ids.slice(0, 1))
  expect(await ask(ids)).toBe(one)
})

test('a guild that moves to another tenant, or goes, leaves its follows behind', async () => {
  await using world = await openAnalytics()
  await registerGuilds(world)
  const input = { competition: 'E0', guildId: ACME_GUILD }
  await world.ask('acmeAdmin', FOLLOW, { input })
  const moved = { guildId: ACME_GUILD, tenantId: '2' }
  await world.deliver('three', 'guild.moved', moved)
  expect(await world.database.acrossTenants().count(CompetitionFollow, {})).toBe(0)
  expect((await world.ask('acmeAdmin', FOLLOW, { input })).codes).toEqual(['FOLLOW_GUILD_FOREIGN'])
  expect((await world.ask('globexAdmin', FOLLOW, { input })).codes).toEqual([])
  await world.deliver('four', 'guild.removed', moved)
  expect(await world.database.acrossTenants().count(CompetitionFollow, {})).toBe(0)
})

test.each([null, {}, { guildId: '-1', tenantId: '1' }, { guildId: ACME_GUILD }])(
  'the delivery %j answers GUILD_DELIVERY_INVALID',
  async (payload) => {
    await using world = await openAnalytics()
    const from = { source: 'tenancy', key: 'k1', together: [] }
    const delivery = { ...from, kind: 'guild.moved', aggregate: 'guild:1', payload, at: '' }
    const applied = transactional(world.database.acrossTenants(), async (tx) => {
      await guildDeliveries['guild.moved']?.(tx, delivery)
    })
    await expect(applied).rejects.toMatchObject({ code: 'GUILD_DELIVERY_INVALID' })
  },
)

test('a delivery that names no guild is not accepted, and one that comes twice is applied once', async () => {
  await using world = await openAnalytics()
  const broken = await world.deliver('one', 'guild.registered', { guildId: '-1', tenantId: '1' })
  expect(broken).toEqual({ accepted: [] })
  await registerGuilds(world)
  const again = { guildId: ACME_GUILD, tenantId: '2' }
  expect(await world.deliver('one', 'guild.moved', again)).toEqual({ accepted: ['one'] })
  const input = { competition: 'E0', guildId: ACME_GUILD }
  expect((await world.ask('acmeAdmin', FOLLOW, { input })).codes).toEqual([])
})

test('the seed follows what the feed tells of for tenants and guilds, once, and nothing comes back', async () => {
  await using world = await openAnalytics({ oddsFeed: SIMULATOR })
  await world.service.seed()
  const find = () => world.database.acrossTenants().find(CompetitionFollow, {})
  expect((await find()).map(({ tenantId, follower }) => [tenantId, follower])).toEqual([
    ['1', 'tenant'],
    ['1', ACME_GUILD],
    ['1', ACME_SECOND_GUILD],
    ['2', 'tenant'],
    ['2', GLOBEX_GUILD],
  ])
  await world.deliver('moved', 'guild.moved', { guildId: ACME_GUILD, tenantId: '2' })
  await world.service.seed()
  expect(await find()).toHaveLength(4)
})

test('without a feed the seed follows nothing', async () => {
  await using world = await openAnalytics()
  expect(await world.service.seed()).toEqual({ lines: [] })
  expect(await world.database.acrossTenants().count(CompetitionFollow)).toBe(0)
})
