import { expect, test } from 'vitest'
import { PersonKey } from '#kernel/crypto/person-key.ts'
import { schemaDrift } from '#kernel/db/migrations.ts'
import { GuildPlace } from '#kernel/guilds/guild-place.ts'
import { CompliancePolicy } from '#subgraphs/compliance/entities/compliance-policy.ts'
import { PrivacyConsent } from '#subgraphs/compliance/entities/privacy-consent.ts'
import { countQueries } from '../analytics/analytics-kit.ts'
import {
  ACME_GUILD,
  consentsOf,
  give,
  openCompliance,
  placeGuilds,
  publish,
  userViewer,
  VIEWERS,
  withdraw,
} from './compliance-kit.ts'

test('the migrations bring an empty database to its entities', async () => {
  await using world = await openCompliance()
  expect(await schemaDrift(world.database)).toEqual([])
})

test('a person’s consents are reached through the person: one’s own all, another’s not', async () => {
  await using world = await openCompliance()
  await placeGuilds(world)
  await publish(world)
  await give(world, 'member')
  await give(world, 'memberAtGlobex')
  const own = await consentsOf(world, 'memberAnywhere', '4')
  expect(own.consents).toHaveLength(2)
  const stranger = userViewer('9', VIEWERS.member.reach, [])
  const foreign = await consentsOf(world, stranger, '4')
  expect([foreign.codes, foreign.data]).toEqual([['CONSENTS_OF_OTHERS'], { consents: null }])
  expect(foreign.details[0]?.scope).toBe('consents:read')
})

test('an officer reaches the consents of others within the officer’s own tenant alone', async () => {
  await using world = await openCompliance()
  await placeGuilds(world)
  await publish(world)
  await give(world, 'member')
  await give(world, 'memberAtGlobex')
  const tenantsSeen = async (who: Parameters<typeof consentsOf>[1]) => {
    const { consents, codes } = await consentsOf(world, who, '4')
    expect(codes).toEqual([])
    return consents.map(({ tenant }) => tenant.id)
  }
  expect(await tenantsSeen('operator')).toEqual(['1', '2'])
  expect(await tenantsSeen('acmeAdmin')).toEqual(['1'])
  expect(await tenantsSeen('acmeGuildAdmin')).toEqual(['1'])
  expect(await tenantsSeen('globexAdmin')).toEqual(['2'])
  expect(await tenantsSeen('reachless')).toEqual([])
})

test('nobody who is not signed in reaches a person, a tenant’s id is open to all', async () => {
  await using world = await openCompliance()
  const person = await world.entity(
    'anonymous',
    { __typename: 'User', id: '4' },
    '... on User { id }',
  )
  expect(person.codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
  const tenant = { __typename: 'Tenant', id: '1' }
  expect((await world.entity('anonymous', tenant, '... on Tenant { id }')).data).toEqual({
    id: '1',
  })
  const guild = { __typename: 'Guild', id: ACME_GUILD }
  const named = await world.entity('anonymous', guild, '... on Guild { id }')
  expect(named.data).toEqual({ id: ACME_GUILD })
  const odd = await world.entity(
    'operator',
    { __typename: 'Tenant', id: 'x' },
    '... on Tenant { id }',
  )
  expect(odd.data).toBe(null)
})

test('many persons with consents, policies and their dates cost as many queries as one', async () => {
  await using world = await openCompliance()
  await placeGuilds(world)
  await publish(world)
  const ids = Array.from({ length: 12 }, (_, index) => String(index + 100))
  for (const id of ids) await give(world, userViewer(id, VIEWERS.member.reach, []))
  const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on User { id
    consents(first: 1) { edges { node { policy { version status effectiveUntil } } } } } } }`
  const standing = (count: number) => async () => {
    const of = ids.slice(0, count).map((id) => ({ __typename: 'User', id }))
    const { data } = await world.ask('acmeAdmin', query, { of })
    const people = data._entities as { consents: { edges: unknown[] } }[]
    expect(people.map(({ consents }) => consents.edges.length)).toEqual(of.map(() => 1))
  }
  const forOne = await countQueries(world.database, standing(1))
  expect(await countQueries(world.database, standing(12))).toBe(forOne)
})

test('tenancy’s deliveries say where a guild belongs and how it is run', async () => {
  await using world = await openCompliance()
  await placeGuilds(world)
  const find = () =>
    world.database.acrossTenants().findOneOrFail(GuildPlace, { guildId: ACME_GUILD })
  expect(await find()).toMatchObject({ tenantId: '1', complianceMode: false })
  const payload = { guildId: ACME_GUILD, tenantId: '2', complianceMode: true }
  expect(await world.deliver('m', 'guild.updated', payload, 'tenancy')).toEqual(['m'])
  expect(await find()).toMatchObject({ tenantId: '2', complianceMode: true })
  expect(await world.deliver('r', 'guild.removed', payload, 'tenancy')).toEqual(['r'])
  const left = await world.database.acrossTenants().count(GuildPlace, { guildId: ACME_GUILD })
  expect(left).toBe(0)
})

test('the demo world has terms and a privacy notice in force, and people who agreed; once', async () => {
  await using world = await openCompliance()
  const { lines } = await world.service.seed()
  expect(lines).toEqual([
    'The demo people have agreed to the terms of use (version 1.0, a demo text)',
  ])
  const inForce = '{ consentPurposes { purpose policy { version name config } } }'
  const { data } = await world.ask('member', inForce)
  expect(data.consentPurposes.slice(0, 2)).toMatchObject([
    { purpose: 'terms', policy: { version: '1.0', config: { isDemo: true } } },
    { purpose: 'privacy', policy: { version: '1.0', config: { isDemo: true } } },
  ])
  const { consents } = await consentsOf(world, 'member', '4')
  expect(consents).toMatchObject([{ purpose: 'terms', isStanding: true, tenant: { id: '1' } }])
  await withdraw(world, 'member')
  await world.service.seed()
  expect((await consentsOf(world, 'member', '4', true)).consents).toEqual([])
  const em = world.database.acrossTenants()
  expect(await em.count(CompliancePolicy, {})).toBe(2)
  expect(await em.count(PrivacyConsent, {})).toBe(5)
})

test('a seed after other terms came into force agrees for nobody', async () => {
  await using world = await openCompliance()
  await publish(world, { version: '2.0' })
  await world.service.seed()
  expect(await world.database.acrossTenants().count(PrivacyConsent, {})).toBe(0)
})

test('the keys of persons are wrapped again under a newer operator key', async () => {
  await using world = await openCompliance()
  expect(await world.service.rewrapKeys({})).toEqual({ rewrapped: 0, failed: 0, remaining: 0 })
  const em = world.database.acrossTenants()
  const wrappedKey = 'k0.unreadable'
  em.persist(em.create(PersonKey, { personId: '4', keyVersion: 0, wrappedKey }))
  await em.flush()
  expect(await world.service.rewrapKeys({})).toMatchObject({ failed: 1, remaining: 1 })
})
