import { expect, test } from 'vitest'
import { ACME_CLUB, ACME_GUILD, GLOBEX_GUILD, openSeeded, VIEWERS, without } from './tenancy-kit.ts'

const ENTITIES = `query Entities($of: [_Any!]!) {
  _entities(representations: $of) {
    ... on Guild { id name settings { complianceMode } tenant { code } }
    ... on Tenant { id code planType }
    ... on User {
      id
      guilds { edges { node { id name } } }
      tenants { edges { node { code } } }
    }
  }
}`
const guild = (id: string) => ({ __typename: 'Guild', id })
const user = (id: string, guildIds: string[], tenantIds: string[] = []) => ({
  __typename: 'User',
  id,
  guildIds,
  tenantIds,
})

test('references are resolved within reach; foreign ones are null', async () => {
  await using world = await openSeeded()
  const of = [
    guild(ACME_GUILD),
    guild(GLOBEX_GUILD),
    guild('nonsense'),
    { __typename: 'Tenant', id: '1' },
    { __typename: 'Tenant', code: 'acme' },
    { __typename: 'Tenant', id: '2' },
    { __typename: 'Tenant', code: 'globex' },
  ]
  const { data, codes } = await world.as('acmeAdmin')(ENTITIES, { of })
  expect(codes).toEqual([])
  expect(data._entities).toEqual([
    {
      id: ACME_GUILD,
      name: 'Acme Sharps',
      settings: { complianceMode: false },
      tenant: { code: 'acme' },
    },
    null,
    null,
    { id: '1', code: 'acme', planType: 'ENTERPRISE' },
    { id: '1', code: 'acme', planType: 'ENTERPRISE' },
    null,
    null,
  ])
  for (const who of ['anonymous', 'newcomer', 'reachless'] as const) {
    const answer = await world.as(who)(ENTITIES, { of })
    expect(answer.data._entities).toEqual(of.map(() => null))
  }
})

test('analytics asks whose a guild is', async () => {
  await using world = await openSeeded()
  const query = 'query($id: ID!) { guild(id: $id) { id tenant { id } } }'
  const answer = await world.as('analytics')(query, { id: GLOBEX_GUILD })
  expect(answer).toMatchObject({
    data: { guild: { id: GLOBEX_GUILD, tenant: { id: '2' } } },
    codes: [],
  })
  const more = await world.as('analytics')('{ quotas { edges { node { id } } } }')
  expect(more.codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
})

test('everybody sees all of their own guilds and tenants, also before choosing one', async () => {
  await using world = await openSeeded()
  const own = user('6', [GLOBEX_GUILD, ACME_CLUB, 'nonsense', '42'], ['2', '1'])
  const { data, codes } = await world.as('newcomer')(ENTITIES, { of: [own] })
  expect(codes).toEqual([])
  expect(data._entities[0]).toEqual({
    id: '6',
    guilds: {
      edges: [
        { node: { id: ACME_CLUB, name: 'Acme Parlay Club' } },
        { node: { id: GLOBEX_GUILD, name: 'Globex Lounge' } },
      ],
    },
    tenants: { edges: [{ node: { code: 'acme' } }, { node: { code: 'globex' } }] },
  })
})

test('own guilds reach no further than the ids that identity vouches for', async () => {
  await using world = await openSeeded()
  const { data } = await world.as('newcomer')(ENTITIES, { of: [user('6', [], [])] })
  expect(data._entities[0]).toMatchObject({ guilds: { edges: [] }, tenants: { edges: [] } })
  const nested = `query($of: [_Any!]!) { _entities(representations: $of) { ... on User {
    guilds { edges { node { name settings { complianceMode } tenant { code } } } }
    tenants { edges { node { code settings guilds { edges { node { id } } } } } }
  } } }`
  const deeper = await world.as('newcomer')(nested, { of: [user('6', [ACME_GUILD], ['1'])] })
  expect(deeper.data._entities[0]).toEqual({
    guilds: { edges: [{ node: { name: 'Acme Sharps', settings: null, tenant: null } }] },
    tenants: { edges: [{ node: { code: 'acme', settings: null, guilds: null } }] },
  })
  expect(new Set(deeper.codes)).toEqual(new Set(['UNAUTHORIZED_FIELD_OR_TYPE']))
})

test('of another user one sees what lies within reach, and needs the scope', async () => {
  await using world = await openSeeded()
  const of = [user('9', [ACME_GUILD, GLOBEX_GUILD], ['1', '2'])]
  const { data } = await world.as('acmeAdmin')(ENTITIES, { of })
  expect(data._entities[0]).toMatchObject({
    guilds: { edges: [{ node: { id: ACME_GUILD } }] },
    tenants: { edges: [{ node: { code: 'acme' } }] },
  })
  const refused = await world.as(without(VIEWERS.acmeAdmin, 'guilds:read'))(ENTITIES, { of })
  expect(refused.codes).toEqual(['PLACES_OF_OTHERS'])
  expect(refused.data._entities[0]).toMatchObject({ guilds: null })
  const newcomer = await world.as('newcomer')(ENTITIES, { of })
  expect(newcomer.codes).toEqual(['PLACES_OF_OTHERS', 'PLACES_OF_OTHERS'])
})

test('the guilds of a user come in pages, forward only', async () => {
  await using world = await openSeeded()
  const page = `query($of: [_Any!]!, $after: String, $last: Int) {
    _entities(representations: $of) { ... on User { guilds(first: 1, after: $after, last: $last) {
      edges { node { id } } pageInfo { hasNextPage endCursor }
    } } }
  }`
  const of = [user('6', [GLOBEX_GUILD, ACME_CLUB])]
  const first = (await world.as('newcomer')(page, { of })).data._entities[0].guilds
  expect(first).toMatchObject({
    edges: [{ node: { id: ACME_CLUB } }],
    pageInfo: { hasNextPage: true },
  })
  const after = first.pageInfo.endCursor
  const second = (await world.as('newcomer')(page, { of, after })).data._entities[0].guilds
  expect(second).toMatchObject({
    edges: [{ node: { id: GLOBEX_GUILD } }],
    pageInfo: { hasNextPage: false },
  })
  const odd = await world.as('newcomer')(page, { of, after: 'nonsense' })
  expect(odd.codes).toEqual(['PAGE_CURSOR_INVALID'])
  expect((await world.as('newcomer')(page, { of, last: 1 })).codes).toEqual(['PAGE_SIZE_INVALID'])
})

test('the number of queries does not grow with the number of rows', async () => {
  await using world = await openSeeded()
  const admin = world.as('operator')
  const children = `guilds { edges { node { tenant { code } } } }
    resources { edges { node { resource tenant { code } } } }
    customizations { edges { node { version } } }
    flags { edges { node { key tenant { code } } } }`
  const query = `{ tenants { edges { node { ${children} } } } }`
  const few = await world.queriesOf(() => admin(query))
  for (let index = 0; index < 8; index++) {
    const { data } = await admin(
      `mutation { openTenant(input: { code: "more-${index}", name: "More" }) { id } }`,
    )
    const tenantId = data.openTenant.id
    const guildId = `90000000000000000${index}`
    await admin(`mutation {
      registerGuild(input: { tenantId: "${tenantId}", guildId: "${guildId}", name: "G" }) { id }
      setQuota(input: { tenantId: "${tenantId}", resource: "seats", resetPeriod: NONE }) { id }
    }`)
  }
  const many = await world.queriesOf(() => admin(query))
  const tables = ['guild_settings', 'tenant_resources', 'tenant_customizations', 'feature_flags']
  for (const queries of [few, many]) {
    const reading = (table: string) => queries.filter((sql) => sql.includes(`from \`${table}\``))
    // Of each child list one query for the ids of all pages, and one for the rows.
    expect(tables.map((table) => [table, reading(table).length])).toEqual(
      tables.map((table) => [table, 2]),
    )
    // The list itself, and what three child lists ask of their tenants: at once, or each when it is there.
    const tenants = reading('tenants').length
    expect(tenants).toBeGreaterThanOrEqual(2)
    expect(tenants).toBeLessThanOrEqual(4)
    expect(queries).toHaveLength(8 + tenants)
  }
})

test('a hundred references and users take one query per kind', async () => {
  await using world = await openSeeded()
  const of = Array.from({ length: 50 }, (_, index) => [
    guild(index % 2 ? ACME_GUILD : ACME_CLUB),
    user(String(index + 100), [ACME_GUILD, ACME_CLUB], ['1']),
  ]).flat()
  const query = `query($of: [_Any!]!) { _entities(representations: $of) {
    ... on Guild { name } ... on User { guilds { edges { node { id } } } tenants { edges { node { id } } } }
  } }`
  const queries = await world.queriesOf(() => world.as('acmeAdmin')(query, { of }))
  expect(queries.length).toBeLessThanOrEqual(3)
})
