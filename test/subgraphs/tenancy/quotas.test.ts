import { expect, test } from 'vitest'
import { describeQuotas, openWithQuota, RELEASE, SET, USE, usedOf, useOf } from './quota-suite.ts'
import { openSeeded, VIEWERS, without } from './tenancy-kit.ts'

describeQuotas('SQLite', { runs: 25 })

const DAILY = { tenantId: '1', resource: 'bets', limit: '10', resetPeriod: 'DAILY' }

test('the platform sets a quota; what was used counts on', async () => {
  await using world = await openWithQuota()
  const ask = world.as('operator')
  await ask(USE, useOf('first-use', '7'))
  const { data } = await ask(SET, { input: { ...DAILY, limit: '5' } })
  expect(data.setQuota).toEqual({
    resource: 'bets',
    limit: '5',
    used: '7',
    remaining: '0',
    resetPeriod: 'DAILY',
    resetsAt: '2026-08-16T00:00:00.000Z',
  })
  const unlimited = await ask(SET, { input: { ...DAILY, limit: null, resetPeriod: 'NONE' } })
  expect(unlimited.data.setQuota).toMatchObject({ limit: null, remaining: null, resetsAt: null })
  const used = await ask(USE, useOf('large-use', '1000000'))
  expect(used.data.useQuota.used).toBe('1000007')
})

test('no tenant sets its own quota, whatever its scopes', async () => {
  await using world = await openSeeded()
  for (const viewer of ['acmeAdmin', 'acmeAlmighty', 'globexAdmin', 'acmeGuildAdmin'] as const) {
    expect((await world.as(viewer)(SET, { input: DAILY })).codes).toEqual(['PLATFORM_ONLY'])
  }
  const scopeless = without(VIEWERS.operator, 'quotas:write')
  expect((await world.as(scopeless)(SET, { input: DAILY })).codes).toEqual([
    'UNAUTHORIZED_FIELD_OR_TYPE',
  ])
})

test.each([
  ['limit', { limit: '-1' }],
  ['limit', { limit: '1000000000000001' }],
  ['resource', { resource: 'Bets!' }],
])('a quota with another %s than allowed is refused', async (field, change) => {
  await using world = await openSeeded()
  const { codes, details } = await world.as('operator')(SET, { input: { ...DAILY, ...change } })
  expect(codes).toEqual(['TENANCY_INPUT_INVALID'])
  expect(details[0]).toMatchObject({ field })
})

test('a use beyond the limit answers QUOTA_EXCEEDED with limit, used and resetsAt', async () => {
  await using world = await openWithQuota()
  const ask = world.as('acmeAdmin')
  await ask(USE, useOf('first-use', '8'))
  const { data, details } = await ask(USE, useOf('second-use', '3'))
  expect(data).toEqual({ useQuota: null })
  expect(details).toEqual([
    {
      code: 'QUOTA_EXCEEDED',
      resource: 'bets',
      limit: '10',
      used: '8',
      resetsAt: '2026-08-15T15:00:00.000Z',
    },
  ])
  // The refused key was not spent.
  expect((await ask(USE, useOf('second-use', '2'))).data.useQuota.used).toBe('10')
})

test('a key used for another amount or resource answers IDEMPOTENCY_KEY_REUSED', async () => {
  await using world = await openWithQuota()
  const ask = world.as('acmeAdmin')
  await ask(USE, useOf('first-use', '2'))
  expect((await ask(USE, useOf('first-use', '3'))).codes).toEqual(['IDEMPOTENCY_KEY_REUSED'])
  const other = await ask(USE, useOf('first-use', '2', 'seats'))
  expect(other.codes).toEqual(['IDEMPOTENCY_KEY_REUSED'])
  expect(await usedOf(ask)).toBe('2')
})

test('uses and releases of another tenant find nothing, and change nothing', async () => {
  await using world = await openWithQuota()
  await world.as('acmeAdmin')(USE, useOf('first-use', '2'))
  const foreign = world.as('globexAdmin')
  expect((await foreign(USE, useOf('other-use'))).codes).toEqual(['QUOTA_NOT_FOUND'])
  const release = { input: { tenantId: '1', idempotencyKey: 'first-use' } }
  expect((await foreign(RELEASE, release)).codes).toEqual(['QUOTA_USE_NOT_FOUND'])
  const scopeless = world.as(without(VIEWERS.acmeAdmin, 'quotas:write'))
  expect((await scopeless(USE, useOf('other-use'))).codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
  expect((await scopeless(RELEASE, release)).codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
  expect(await usedOf(world.as('acmeAdmin'))).toBe('2')
  const { data } = await foreign('{ quotas { edges { node { tenant { id } } } } }')
  const owners = data.quotas.edges.map(
    ({ node }: { node: { tenant: { id: string } } }) => node.tenant.id,
  )
  expect(owners).toEqual(['2', '2'])
})

test('the bot of a guild uses its tenant’s quota', async () => {
  await using world = await openWithQuota()
  const { data } = await world.as('acmeGuildAdmin')(USE, useOf('guild-use', '2'))
  expect(data.useQuota.used).toBe('2')
})

test('a suspended tenant uses nothing more, but a repetition is still answered', async () => {
  await using world = await openWithQuota()
  const ask = world.as('acmeAdmin')
  await ask(USE, useOf('first-use', '2'))
  await world.as('operator')('mutation { suspendTenant(input: { tenantId: "1" }) { id } }')
  expect((await ask(USE, useOf('second-use'))).codes).toEqual(['TENANT_SUSPENDED'])
  expect((await ask(USE, useOf('first-use', '2'))).data.useQuota.used).toBe('2')
})

test.each(['0', '-5', '1000000000000001'])('an amount of %s is refused', async (amount) => {
  await using world = await openWithQuota()
  const { codes } = await world.as('acmeAdmin')(USE, useOf('first-use', amount))
  expect(codes).toEqual(['TENANCY_INPUT_INVALID'])
})

test('a clock that goes backward gives nothing back', async () => {
  await using world = await openWithQuota()
  const ask = world.as('acmeAdmin')
  await ask(USE, useOf('first-use', '10'))
  world.clock.advance(-2 * 3_600_000)
  expect((await ask(USE, useOf('second-use'))).codes).toEqual(['QUOTA_EXCEEDED'])
})

test('a release in a later period gives back nothing of that period', async () => {
  await using world = await openWithQuota()
  const ask = world.as('acmeAdmin')
  await ask(USE, useOf('first-use', '5'))
  world.clock.advance(3_600_000)
  await ask(USE, useOf('second-use', '6'))
  const release = { input: { tenantId: '1', idempotencyKey: 'first-use' } }
  expect((await ask(RELEASE, release)).data.releaseQuota.used).toBe('6')
})

test('quotas are added up by resource within reach', async () => {
  await using world = await openSeeded()
  const query = '{ quotaAggregates(groupBy: [RESOURCE]) { group count sum { limit usage } } }'
  const { data } = await world.as('operator')(query)
  expect(data.quotaAggregates).toContainEqual({
    group: { resource: 'api.points' },
    count: 2,
    sum: { limit: 1_100_000, usage: 0 },
  })
  const own = (await world.as('globexAdmin')(query)).data.quotaAggregates
  expect(own.map(({ count }: { count: number }) => count)).toEqual([1, 1])
  expect((await world.as('reachless')(query)).data.quotaAggregates).toEqual([])
})
