import { expect, test } from 'vitest'
import { isDomainError } from '#kernel/errors.ts'
import { Tenant } from '#subgraphs/tenancy/entities/tenant.ts'
import { openSeeded, openTenancy, VIEWERS, without } from './tenancy-kit.ts'

const OPEN = `mutation Open($input: OpenTenantInput!) {
  openTenant(input: $input) { id code name status planType settings }
}`
const UPDATE = `mutation Update($input: UpdateTenantInput!) {
  updateTenant(input: $input) { id name planType settings }
}`
const SUSPEND = 'mutation($id: ID!) { suspendTenant(input: { tenantId: $id }) { id status } }'
const RESTORE = 'mutation($id: ID!) { restoreTenant(input: { tenantId: $id }) { id status } }'
const ALL = '{ tenants(orderBy: [{ field: CODE, direction: ASC }]) { edges { node { code } } } }'

test('the platform opens a tenant, and the record of it stands beside it', async () => {
  await using world = await openTenancy()
  const input = { code: 'acme', name: ' Acme Betting ', settings: { language: 'de' } }
  const { data, codes } = await world.as('operator')(OPEN, { input })
  expect(codes).toEqual([])
  expect(data).toEqual({
    openTenant: {
      id: '1',
      code: 'acme',
      name: 'Acme Betting',
      status: 'ACTIVE',
      planType: 'BASIC',
      settings: { language: 'de' },
    },
  })
  const [record] = await world.messages('audit')
  expect(record).toMatchObject({
    aggregate: 'tenant:1',
    payload: { action: 'tenant.opened', outcome: 'done', tenantId: '1', actor: { userId: '1' } },
  })
})

test('a tenant does not open tenants, whatever its scopes', async () => {
  await using world = await openTenancy()
  const input = { code: 'acme', name: 'Acme' }
  expect(await world.as('acmeAlmighty')(OPEN, { input })).toMatchObject({
    data: { openTenant: null },
    codes: ['PLATFORM_ONLY'],
  })
  const scopeless = without(VIEWERS.operator, 'tenants:write')
  expect((await world.as(scopeless)(OPEN, { input })).codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
  expect((await world.as('operator')(ALL)).data.tenants.edges).toEqual([])
})

test('a taken code answers TENANT_CODE_TAKEN and stores nothing', async () => {
  await using world = await openSeeded()
  const before = (await world.messages('audit')).length
  const { codes } = await world.as('operator')(OPEN, { input: { code: 'acme', name: 'Other' } })
  expect(codes).toEqual(['TENANT_CODE_TAKEN'])
  expect((await world.as('operator')(ALL)).data.tenants.edges).toHaveLength(2)
  expect(await world.messages('audit')).toHaveLength(before)
})

test.each(['', 'a', 'Acme', '1acme', 'acme_1', 'a'.repeat(50), 'acme\n', 'ä-b'])(
  'the code %j is refused',
  async (code) => {
    await using world = await openTenancy()
    const { codes, details } = await world.as('operator')(OPEN, { input: { code, name: 'A' } })
    expect(codes).toEqual(['TENANCY_INPUT_INVALID'])
    expect(details[0]).toMatchObject({ field: 'code' })
  },
)

test.each(['', '   ', 'a'.repeat(256), 'a\u0000b', 'a\nb'])(
  'the name %j is refused',
  async (name) => {
    await using world = await openTenancy()
    const { codes } = await world.as('operator')(OPEN, { input: { code: 'acme', name } })
    expect(codes).toEqual(['TENANCY_INPUT_INVALID'])
  },
)

test('a tenant with the scope renames itself, but no other, and buys no plan', async () => {
  await using world = await openSeeded()
  const update = (input: object) => world.as('acmeAlmighty')(UPDATE, { input })
  const renamed = await update({ tenantId: '1', name: 'Acme Two', settings: { a: 1 } })
  expect(renamed.data.updateTenant).toMatchObject({ name: 'Acme Two', settings: { a: 1 } })
  expect((await update({ tenantId: '2', name: 'Mine' })).codes).toEqual(['TENANT_NOT_FOUND'])
  expect((await update({ tenantId: '1', planType: 'BASIC' })).codes).toEqual(['PLATFORM_ONLY'])
  expect((await update({ tenantId: 'x', name: 'Mine' })).codes).toEqual(['TENANT_NOT_FOUND'])
  const noScope = await world.as('acmeAdmin')(UPDATE, { input: { tenantId: '1', name: 'A' } })
  expect(noScope.codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
  const plan = { input: { tenantId: '1', planType: 'BASIC' } }
  const { data } = await world.as('operator')(UPDATE, plan)
  expect(data.updateTenant).toMatchObject({ name: 'Acme Two', planType: 'BASIC' })
})

test('an update that changes nothing records nothing', async () => {
  await using world = await openSeeded()
  const before = (await world.messages('audit')).length
  await world.as('operator')(UPDATE, { input: { tenantId: '1', name: 'Acme Betting' } })
  expect(await world.messages('audit')).toHaveLength(before)
})

test('rights in one guild change nothing of the tenant', async () => {
  await using world = await openSeeded()
  const viewer = { ...VIEWERS.acmeGuildAdmin, scopes: VIEWERS.operator.scopes }
  const { codes } = await world.as(viewer)(UPDATE, { input: { tenantId: '1', name: 'A' } })
  expect(codes).toEqual(['TENANT_WIDE'])
})

test('the platform suspends and restores, and identity hears of each once', async () => {
  await using world = await openSeeded()
  const operator = world.as('operator')
  expect((await operator(SUSPEND, { id: '1' })).data.suspendTenant.status).toBe('SUSPENDED')
  expect((await operator(SUSPEND, { id: '1' })).data.suspendTenant.status).toBe('SUSPENDED')
  expect((await operator(RESTORE, { id: '1' })).data.restoreTenant.status).toBe('ACTIVE')
  const told = (await world.messages('identity')).filter(({ kind }) => kind.startsWith('tenant.'))
  expect(told).toEqual([
    { kind: 'tenant.suspended', aggregate: 'tenant:1', payload: { tenantId: '1' } },
    { kind: 'tenant.restored', aggregate: 'tenant:1', payload: { tenantId: '1' } },
  ])
})

test('a tenant neither suspends nor restores, itself or others', async () => {
  await using world = await openSeeded()
  for (const [mutation, id] of [
    [SUSPEND, '1'],
    [SUSPEND, '2'],
    [RESTORE, '1'],
    [RESTORE, '2'],
  ]) {
    expect((await world.as('acmeAlmighty')(mutation ?? '', { id })).codes).toEqual([
      'PLATFORM_ONLY',
    ])
    const refused = await world.as('acmeAdmin')(mutation ?? '', { id })
    expect(refused.codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
  }
  expect((await world.as('operator')(SUSPEND, { id: '99' })).codes).toEqual(['TENANT_NOT_FOUND'])
})

test('everybody sees the tenants of their reach and no others', async () => {
  await using world = await openSeeded()
  const codesOf = async (who: keyof typeof VIEWERS) =>
    (await world.as(who)(ALL)).data.tenants?.edges.map(
      ({ node }: { node: { code: string } }) => node.code,
    )
  expect(await codesOf('operator')).toEqual(['acme', 'globex'])
  expect(await codesOf('acmeAdmin')).toEqual(['acme'])
  expect(await codesOf('globexAdmin')).toEqual(['globex'])
  expect(await codesOf('acmeGuildAdmin')).toEqual(['acme'])
  expect(await codesOf('reachless')).toEqual([])
  expect((await world.as('anonymous')(ALL)).codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
})

test('a tenant is found by id or code within reach, and a where does not reach further', async () => {
  await using world = await openSeeded()
  const ask = world.as('acmeAdmin')
  const found = await ask('{ a: tenant(id: "1") { code } b: tenant(code: "acme") { id } }')
  expect(found.data).toEqual({ a: { code: 'acme' }, b: { id: '1' } })
  const foreign = await ask('{ a: tenant(id: "2") { code } b: tenant(code: "globex") { id } }')
  expect(foreign).toMatchObject({ data: { a: null, b: null }, codes: [] })
  const wide = await ask(
    '{ tenants(where: { or: [{ id: { eq: "2" } }, { code: { contains: "x" } }] }) { edges { node { id } } } }',
  )
  expect(wide.data.tenants.edges).toEqual([])
  const odd = await ask('{ a: tenant(id: "nonsense") { code } b: tenant { id } }')
  expect(odd.codes).toEqual(['TENANCY_INPUT_INVALID'])
  expect(odd.data).toEqual({ a: null, b: null })
})

test('the table refuses what passes the services: a foreign row, a new tenant', async () => {
  await using world = await openSeeded()
  const [foreign] = await world.database.acrossTenants().find(Tenant, { id: '2' })
  const em = world.database.fork({ kind: 'tenant', tenantId: '1' })
  em.persist(
    em.create(Tenant, {
      code: 'mine',
      name: 'Mine',
      status: 'active',
      planType: 'basic',
      settings: {},
      createdAt: world.clock.now(),
      updatedAt: world.clock.now(),
    }),
  )
  const refusal = await em.flush().catch((failure: unknown) => failure)
  expect(isDomainError(refusal, 'TENANT_ISOLATION_VIOLATED')).toBe(true)
  const other = world.database.fork({ kind: 'tenant', tenantId: '1' })
  const stolen = other.getReference(Tenant, foreign?.id ?? '')
  stolen.name = 'Stolen'
  const guarded = await other.flush().catch((failure: unknown) => failure)
  expect(isDomainError(guarded, 'TENANT_ISOLATION_VIOLATED')).toBe(true)
  expect((await world.as('operator')('{ tenant(id: "2") { name } }')).data.tenant.name).toBe(
    'Globex Community',
  )
})
