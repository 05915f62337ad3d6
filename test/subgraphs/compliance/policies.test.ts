import fc from 'fast-check'
import { expect, test } from 'vitest'
import { endOf, inForceAt, statusAt } from '#subgraphs/compliance/services/policies-in-force.ts'
import { give, openCompliance, publish, START, type Who, type World } from './compliance-kit.ts'

const DAY_MS = 86_400_000
const inDays = (days: number) => new Date(START.getTime() + days * DAY_MS).toISOString()

const IN_FORCE = `query ($type: String!, $at: DateTime, $tenantId: ID) {
  policyInForce(type: $type, at: $at, tenantId: $tenantId) { version tenant { id } } }`
const HISTORY = `{ policies(where: { type: { eq: "terms" } }, orderBy: [{ field: EFFECTIVE_FROM, direction: ASC }]) {
  edges { node { version status effectiveFrom effectiveUntil tenant { id } } } } }`
const RETIRE = `mutation ($policyId: ID!) {
  retirePolicy(input: { policyId: $policyId }) { version status effectiveUntil } }`

const inForce = async ({ ask }: World, who: Who, variables: object = {}) => {
  const { data } = await ask(who, IN_FORCE, { type: 'terms', ...variables })
  return data.policyInForce?.version ?? null
}

const history = async ({ ask }: World, who: Who) => {
  const { data } = await ask(who, HISTORY)
  const edges = data.policies.edges as { node: { version: string; status: string } }[]
  return edges.map(({ node }) => node)
}

test('a policy is in force from its date on, and not before', async () => {
  await using world = await openCompliance()
  expect(await inForce(world, 'operator')).toBe(null)
  const { data } = await publish(world, { version: '1.0' })
  expect(data.publishPolicy).toMatchObject({ status: 'IN_FORCE', tenant: null })
  const next = await publish(world, { version: '2.0', effectiveFrom: inDays(10) })
  expect(next.data.publishPolicy.status).toBe('SCHEDULED')
  expect(await inForce(world, 'operator')).toBe('1.0')
  expect(await inForce(world, 'operator', { at: inDays(-1) })).toBe(null)
  expect(await inForce(world, 'operator', { at: inDays(10) })).toBe('2.0')
  world.clock.advance(10 * DAY_MS - 1)
  expect(await inForce(world, 'operator')).toBe('1.0')
  world.clock.advance(1)
  expect(await inForce(world, 'operator')).toBe('2.0')
  expect(await inForce(world, 'operator', { at: inDays(5) })).toBe('1.0')
  expect(await history(world, 'operator')).toMatchObject([
    { version: '1.0', status: 'SUPERSEDED', effectiveUntil: inDays(10) },
    { version: '2.0', status: 'IN_FORCE', effectiveUntil: null },
  ])
})

test('a published version never changes: publishing it again is refused, whatever it says', async () => {
  await using world = await openCompliance()
  const first = await publish(world, { config: { text: 'one' } })
  expect(first.codes).toEqual([])
  const again = await publish(world, { config: { text: 'other' }, effectiveFrom: inDays(1) })
  expect(again.codes).toEqual(['POLICY_VERSION_TAKEN'])
  const { data } = await world.ask('operator', '{ policies { edges { node { config } } } }')
  expect(data.policies.edges).toEqual([{ node: { config: { text: 'one' } } }])
  // The same version of another type, or of a tenant, is another policy.
  expect((await publish(world, { type: 'privacy' })).codes).toEqual([])
  expect((await publish(world, {}, 'acmeAdmin')).codes).toEqual([])
})

test('no mutation changes a policy but its retirement', async () => {
  await using world = await openCompliance()
  const { data } = await world.ask('operator', '{ __schema { mutationType { fields { name } } } }')
  const names = (data.__schema.mutationType.fields as { name: string }[]).map(({ name }) => name)
  expect(names.filter((name) => /polic/i.test(name)).sort()).toEqual([
    'publishPolicy',
    'retirePolicy',
  ])
})

test('a policy that would begin in the past is refused', async () => {
  await using world = await openCompliance()
  const late = await publish(world, { effectiveFrom: new Date(START.getTime() - 1).toISOString() })
  expect(late.codes).toEqual(['POLICY_EFFECT_IN_PAST'])
  const expected = `${START.toISOString()} or later`
  expect(late.details[0]).toMatchObject({ field: 'effectiveFrom', expected })
  expect((await publish(world, { effectiveFrom: START.toISOString() })).codes).toEqual([])
})

test('a retired version ends at once, and the one before it does not come back', async () => {
  await using world = await openCompliance()
  await publish(world, { version: '1.0' })
  world.clock.advance(DAY_MS)
  const { data } = await publish(world, { version: '2.0' })
  world.clock.advance(DAY_MS)
  const policyId = data.publishPolicy.id
  const retired = await world.ask('operator', RETIRE, { policyId })
  expect(retired.data.retirePolicy).toEqual({
    version: '2.0',
    status: 'RETIRED',
    effectiveUntil: inDays(2),
  })
  expect(await inForce(world, 'operator')).toBe(null)
  expect(await inForce(world, 'operator', { at: inDays(1) })).toBe('2.0')
  world.clock.advance(DAY_MS)
  const again = await world.ask('operator', RETIRE, { policyId })
  expect(again.data).toEqual(retired.data)
  expect((await world.audited()).map(({ action }) => action)).toEqual([
    'policy.published',
    'policy.published',
    'policy.retired',
  ])
})

test('where a tenant retires its own version the platform’s holds again', async () => {
  await using world = await openCompliance()
  await publish(world)
  const { data } = await publish(world, { version: 'acme-1' }, 'acmeAdmin')
  expect(await inForce(world, 'acmeAdmin')).toBe('acme-1')
  const { id: policyId } = data.publishPolicy
  expect((await world.ask('acmeAdmin', RETIRE, { policyId })).codes).toEqual([])
  expect(await inForce(world, 'acmeAdmin')).toBe('1.0')
})

test('a version that is retired before its date is as if it had never been', async () => {
  await using world = await openCompliance()
  await publish(world, { version: '1.0' })
  const { data } = await publish(world, { version: '2.0', effectiveFrom: inDays(5) })
  await world.ask('operator', RETIRE, { policyId: data.publishPolicy.id })
  world.clock.advance(6 * DAY_MS)
  expect(await inForce(world, 'operator')).toBe('1.0')
  expect(await history(world, 'operator')).toMatchObject([
    { version: '1.0', status: 'IN_FORCE', effectiveUntil: null },
    { version: '2.0', status: 'RETIRED' },
  ])
})

test('a tenant’s own policy takes the place of the platform’s there, and nowhere else', async () => {
  await using world = await openCompliance()
  await publish(world, { version: '1.0' })
  const own = await publish(world, { version: 'acme-1' }, 'acmeAdmin')
  expect(own.data.publishPolicy.tenant).toEqual({ id: '1' })
  expect(await inForce(world, 'acmeAdmin')).toBe('acme-1')
  expect(await inForce(world, 'acmeGuildAdmin')).toBe('acme-1')
  expect(await inForce(world, 'globexAdmin')).toBe('1.0')
  expect(await inForce(world, 'operator')).toBe('1.0')
  expect(await inForce(world, 'operator', { tenantId: '1' })).toBe('acme-1')
  await world.ask('acmeAdmin', RETIRE, { policyId: own.data.publishPolicy.id })
  expect(await inForce(world, 'acmeAdmin')).toBe('1.0')
})

test('the platform publishes for a tenant, and a tenant for no other', async () => {
  await using world = await openCompliance()
  const given = await publish(world, { tenantId: '2', version: 'g-1' })
  expect(given.data.publishPolicy.tenant).toEqual({ id: '2' })
  const foreign = await publish(world, { tenantId: '2', version: 'g-2' }, 'acmeAdmin')
  expect(foreign.codes).toEqual(['POLICY_BEYOND_REACH'])
  const ofGuild = await publish(world, { version: 'a-1' }, 'acmeGuildAdmin')
  expect(ofGuild.codes).toEqual(['POLICY_BEYOND_REACH'])
  expect((await publish(world, {}, 'reachless')).codes).toEqual(['POLICY_BEYOND_REACH'])
})

test('a foreign tenant sees nothing of a tenant’s policies', async () => {
  await using world = await openCompliance()
  const { data } = await publish(world, { version: 'acme-1' }, 'acmeAdmin')
  const policyId = data.publishPolicy.id
  expect(await history(world, 'globexAdmin')).toEqual([])
  expect(await inForce(world, 'globexAdmin', { tenantId: '1' })).toBe(null)
  expect(await history(world, 'reachless')).toEqual([])
  expect(await inForce(world, 'reachless', { tenantId: '1' })).toBe(null)
  const retired = await world.ask('globexAdmin', RETIRE, { policyId })
  expect(retired.codes).toEqual(['POLICY_NOT_FOUND'])
  expect((await world.ask('globexAdmin', RETIRE, { policyId: '99' })).codes).toEqual([
    'POLICY_NOT_FOUND',
  ])
  expect((await world.ask('globexAdmin', RETIRE, { policyId: 'x' })).codes).toEqual([
    'POLICY_NOT_FOUND',
  ])
  expect(await history(world, 'acmeAdmin')).toMatchObject([{ status: 'IN_FORCE' }])
})

test('every tenant sees the platform’s policies, and retires none of them', async () => {
  await using world = await openCompliance()
  const { data } = await publish(world)
  expect(await history(world, 'acmeAdmin')).toMatchObject([{ version: '1.0' }])
  const policyId = data.publishPolicy.id
  for (const who of ['acmeAdmin', 'acmeGuildAdmin', 'reachless'] as const) {
    const { codes } = await world.ask(who, RETIRE, { policyId })
    expect(codes).toEqual(['POLICY_BEYOND_REACH'])
  }
  expect(await inForce(world, 'acmeAdmin')).toBe('1.0')
})

test('policies are read and written with their scopes alone', async () => {
  await using world = await openCompliance()
  const codes = ['UNAUTHORIZED_FIELD_OR_TYPE']
  expect((await publish(world, {}, 'member')).codes).toEqual(codes)
  expect((await world.ask('member', HISTORY)).codes).toEqual(codes)
  expect((await world.ask('member', IN_FORCE, { type: 'terms' })).codes).toEqual(codes)
  expect((await world.ask('member', RETIRE, { policyId: '1' })).codes).toEqual(codes)
})

test('a value that is no policy is refused by name', async () => {
  await using world = await openCompliance()
  const refusal = async (input: object) => {
    const { codes, details } = await publish(world, input)
    return [codes[0], details[0]?.field]
  }
  expect(await refusal({ type: 'Terms of use' })).toEqual(['POLICY_INVALID', 'type'])
  expect(await refusal({ name: ' ' })).toEqual(['POLICY_INVALID', 'name'])
  expect(await refusal({ name: 'two\nlines' })).toEqual(['POLICY_INVALID', 'name'])
  expect(await refusal({ name: 'x'.repeat(101) })).toEqual(['POLICY_INVALID', 'name'])
  expect(await refusal({ version: '1.0 beta' })).toEqual(['POLICY_INVALID', 'version'])
  const tooManyBytes = { text: 'ä'.repeat(40_000) }
  expect(await refusal({ config: tooManyBytes })).toEqual(['POLICY_INVALID', 'config'])
  expect(await history(world, 'operator')).toEqual([])
})

test('a card number in any text of a policy is refused, and stored nowhere', async () => {
  await using world = await openCompliance()
  const refusal = async (input: object) => {
    const { codes, details } = await publish(world, input)
    return [codes[0], details[0]?.field]
  }
  const card = '4111.1111.1111.1111'
  expect(await refusal({ name: `card${card}` })).toEqual(['POLICY_INVALID', 'name'])
  expect(await refusal({ version: '4111111111111111' })).toEqual(['POLICY_INVALID', 'version'])
  for (const config of [{ text: card }, { deep: [{ [card]: 1 }] }, { n: 4_111_111_111_111_111 }]) {
    expect(await refusal({ config })).toEqual(['POLICY_INVALID', 'config'])
  }
  const version = '5555-5555-5555-4444'
  expect((await give(world, 'memberAtGlobex', { version })).codes).toEqual([
    'CONSENT_VERSION_UNKNOWN',
  ])
  expect(await history(world, 'operator')).toEqual([])
  expect((await publish(world, { config: { limits: [4111, 1111, 1111, 1111] } })).codes).toEqual([])
})

const anyVersions = fc
  .array(
    fc.record({
      from: fc.integer({ min: 0, max: 20 }),
      until: fc.option(fc.integer({ min: 0, max: 25 })),
    }),
    { maxLength: 8 },
  )
  .map((dates) =>
    dates.map(({ from, until }, index) => ({
      id: String(index + 1),
      effectiveFrom: new Date(from),
      effectiveUntil: until === null ? null : new Date(until),
    })),
  )

test('one version at most holds at any time: the one whose span of time it is', () => {
  fc.assert(
    fc.property(anyVersions, fc.integer({ min: 0, max: 25 }), (versions, ms) => {
      const at = new Date(ms)
      const holding = inForceAt(versions, at)
      const spans = versions.filter((version) => {
        const end = endOf(version, versions)
        return version.effectiveFrom <= at && (end === null || end > at)
      })
      expect(spans).toEqual(holding ? [holding] : [])
      const said = versions.filter((version) => statusAt(version, versions, at) === 'in_force')
      expect(said).toEqual(spans)
    }),
  )
})
