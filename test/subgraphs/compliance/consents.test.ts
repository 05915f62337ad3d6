import { expect, test } from 'vitest'
import { PrivacyConsent } from '#subgraphs/compliance/entities/privacy-consent.ts'
import type { Knowing } from '../../kit/identity-stand-in.ts'
import {
  ACME_GUILD,
  CONSENT,
  consentsOf,
  give,
  openCompliance,
  placeGuilds,
  publish,
  START,
  userViewer,
  VIEWERS,
  type Who,
  type World,
  withdraw,
} from './compliance-kit.ts'

const MINUTE_MS = 60_000
const after = (minutes: number) => new Date(START.getTime() + minutes * MINUTE_MS).toISOString()

async function openWithTerms(): Promise<World> {
  const world = await openCompliance()
  await placeGuilds(world)
  await publish(world)
  return world
}

const RECORD = `mutation ($input: RecordConsentInput!) {
  recordConsent(input: $input) { ${CONSENT} recordedBy { id } } }`
const RECORD_WITHDRAWAL = `mutation ($input: RecordWithdrawalInput!) {
  recordWithdrawal(input: $input) { ${CONSENT} withdrawalRecordedBy { id } } }`

const record = ({ ask }: World, who: Who, input: object = {}) => {
  const said = { userId: '4', purpose: 'terms', version: '1.0', channel: 'SUPPORT' }
  return ask(who, RECORD, { input: { ...said, ...input } })
}

const recordWithdrawal = ({ ask }: World, who: Who, input: object = {}) => {
  const said = { userId: '4', purpose: 'terms', channel: 'SUPPORT' }
  return ask(who, RECORD_WITHDRAWAL, { input: { ...said, ...input } })
}

test('a person agrees for themselves, where they are signed in, and that is audited', async () => {
  await using world = await openWithTerms()
  const { data, codes } = await give(world, 'member')
  expect(codes).toEqual([])
  expect(data.giveConsent).toEqual({
    id: '1',
    purpose: 'terms',
    version: '1.0',
    isStanding: true,
    channel: 'WEB',
    grantedAt: after(0),
    endedAt: null,
    ending: null,
    withdrawnChannel: null,
    tenant: { id: '1' },
    guild: { id: ACME_GUILD },
    user: { id: '4' },
  })
  expect((await world.audited()).slice(1)).toMatchObject([
    {
      action: 'consent.given',
      actor: { userId: '4' },
      tenantId: '1',
      guildId: ACME_GUILD,
      resource: { type: 'consent', id: '1' },
      details: { userId: '4', purpose: 'terms', version: '1.0', channel: 'web' },
    },
  ])
})

test('agreeing again to what stands changes nothing and is not audited again', async () => {
  await using world = await openWithTerms()
  const first = await give(world, 'member')
  world.clock.advance(MINUTE_MS)
  const second = await give(world, 'member', { channel: 'DISCORD' })
  expect(second.data).toEqual(first.data)
  expect((await world.audited()).slice(1)).toHaveLength(1)
})

test('given, withdrawn and given again is told whole, nothing overwritten', async () => {
  await using world = await openWithTerms()
  await give(world, 'member')
  world.clock.advance(MINUTE_MS)
  const { data } = await withdraw(world, 'member', { channel: 'DISCORD' })
  expect(data.withdrawConsent).toMatchObject({ id: '1', isStanding: false, ending: 'WITHDRAWN' })
  world.clock.advance(MINUTE_MS)
  await give(world, 'member', { channel: 'API' })
  const { consents } = await consentsOf(world, 'member', '4')
  expect(consents).toMatchObject([
    {
      ...{ id: '1', isStanding: false, channel: 'WEB', grantedAt: after(0) },
      ...{ endedAt: after(1), ending: 'WITHDRAWN', withdrawnChannel: 'DISCORD' },
    },
    {
      ...{ id: '2', isStanding: true, channel: 'API', grantedAt: after(2) },
      ...{ endedAt: null, ending: null, withdrawnChannel: null },
    },
  ])
  const standing = await consentsOf(world, 'member', '4', true)
  expect(standing.consents).toMatchObject([{ id: '2' }])
  expect((await world.audited()).slice(1).map(({ action }) => action)).toEqual([
    'consent.given',
    'consent.withdrawn',
    'consent.given',
  ])
})

test('withdrawing what does not stand answers nothing and audits nothing', async () => {
  await using world = await openWithTerms()
  const { data, codes } = await withdraw(world, 'member')
  expect([data.withdrawConsent, codes]).toEqual([null, []])
  await give(world, 'member')
  await withdraw(world, 'member')
  expect((await withdraw(world, 'member')).data.withdrawConsent).toBe(null)
  expect((await world.audited()).slice(1)).toHaveLength(2)
})

type Argument = { name: string; type: { kind: string } }

test('withdrawing asks for no more than giving does', async () => {
  await using world = await openCompliance()
  const fields = async (name: string) => {
    const query = `{ __type(name: "${name}") { inputFields { name type { kind } } } }`
    const { data } = await world.ask('operator', query)
    return data.__type.inputFields as Argument[]
  }
  const given = await fields('GiveConsentInput')
  const withdrawn = await fields('WithdrawConsentInput')
  const isAskedInGiving = ({ name, type }: Argument) =>
    given.some((argument) => argument.name === name && argument.type.kind === type.kind)
  expect(withdrawn.every(isAskedInGiving)).toBe(true)
  expect(withdrawn.length).toBeLessThanOrEqual(given.length)
})

test('a consent to a new version follows the old one; an old version is not in force any more', async () => {
  await using world = await openWithTerms()
  await give(world, 'member')
  world.clock.advance(MINUTE_MS)
  await publish(world, { version: '2.0' })
  const old = await give(world, 'memberAtGlobex')
  expect([old.codes, old.details[0]?.version]).toEqual([['CONSENT_VERSION_UNKNOWN'], '2.0'])
  expect((await give(world, 'member', { version: '2.0' })).codes).toEqual([])
  const { consents } = await consentsOf(world, 'member', '4')
  expect(consents).toMatchObject([
    { version: '1.0', isStanding: false, ending: 'SUPERSEDED', endedAt: after(1) },
    { version: '2.0', isStanding: true, grantedAt: after(1) },
  ])
})

test('a tenant’s own terms of the same version are other terms', async () => {
  await using world = await openWithTerms()
  await give(world, 'member')
  await publish(world, {}, 'acmeAdmin')
  await give(world, 'member')
  const { consents } = await consentsOf(world, 'member', '4')
  expect(consents).toMatchObject([{ ending: 'SUPERSEDED' }, { isStanding: true }])
})

test('a version that is in force nowhere yet, or a purpose nobody knows, is refused', async () => {
  await using world = await openCompliance()
  await publish(world, { effectiveFrom: after(10) })
  const early = await give(world, 'member')
  expect([early.codes, early.details[0]?.version]).toEqual([['CONSENT_VERSION_UNKNOWN'], null])
  const unknown = await give(world, 'member', { purpose: 'telepathy' })
  expect(unknown.codes).toEqual(['CONSENT_PURPOSE_UNKNOWN'])
  expect(unknown.details[0]?.purposes).toContain('marketing_email')
  const inherited = await give(world, 'member', { purpose: 'toString' })
  expect(inherited.codes).toEqual(['CONSENT_PURPOSE_UNKNOWN'])
  const back = await withdraw(world, 'member', { purpose: 'telepathy' })
  expect(back.codes).toEqual(['CONSENT_PURPOSE_UNKNOWN'])
  expect(await world.database.acrossTenants().count(PrivacyConsent, {})).toBe(0)
})

test('a purpose without policies takes any version that is one', async () => {
  await using world = await openCompliance()
  const purpose = 'marketing_email'
  const { data } = await give(world, 'member', { purpose, version: '2026-03' })
  expect(data.giveConsent).toMatchObject({ purpose, version: '2026-03', isStanding: true })
  const odd = await give(world, 'member', { purpose, version: 'the newest one' })
  expect(odd.codes).toEqual(['CONSENT_VERSION_UNKNOWN'])
})

test('who is signed in nowhere says for which tenant, one that stands', async () => {
  await using world = await openWithTerms()
  expect((await give(world, 'memberAnywhere')).codes).toEqual(['CONSENT_TENANT_REQUIRED'])
  expect((await withdraw(world, 'memberAnywhere')).codes).toEqual(['CONSENT_TENANT_REQUIRED'])
  const given = await give(world, 'memberAnywhere', { tenantId: '2' })
  expect(given.data.giveConsent).toMatchObject({ tenant: { id: '2' }, guild: null })
  for (const tenantId of ['99', 'x', '0']) {
    const { codes } = await give(world, 'memberAnywhere', { tenantId })
    expect(codes).toEqual(['CONSENT_TENANT_UNKNOWN'])
  }
  expect((await give(world, 'member', { tenantId: '2' })).codes).toEqual(['CONSENT_TENANT_UNKNOWN'])
})

test('a person sees and withdraws their own consents in whatever tenant they are signed in', async () => {
  await using world = await openWithTerms()
  await give(world, 'member')
  await give(world, 'memberAtGlobex')
  for (const who of ['member', 'memberAtGlobex', 'memberAnywhere'] as const) {
    const { consents } = await consentsOf(world, who, '4')
    expect(consents).toMatchObject([{ tenant: { id: '1' } }, { tenant: { id: '2' } }])
  }
  const { data } = await withdraw(world, 'memberAtGlobex', { tenantId: '1' })
  expect(data.withdrawConsent).toMatchObject({ tenant: { id: '1' }, isStanding: false })
  const standing = await consentsOf(world, 'memberAnywhere', '4', true)
  expect(standing.consents).toMatchObject([{ tenant: { id: '2' } }])
})

test('a key, a service and nobody give and withdraw no consents', async () => {
  await using world = await openWithTerms()
  await give(world, 'member')
  for (const change of [give, withdraw]) {
    expect((await change(world, 'memberKey')).codes).toEqual(['CONSENT_NEEDS_PERSON'])
    expect((await change(world, 'anonymous')).codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
    expect((await change(world, 'analytics')).codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
  }
  const byKey = await consentsOf(world, 'memberKey', '4')
  expect([byKey.codes, byKey.consents]).toEqual([['CONSENTS_OF_OTHERS'], []])
})

test('an officer records what others said, under the officer’s own name', async () => {
  await using world = await openWithTerms()
  const given = await record(world, 'acmeAdmin')
  expect(given.data.recordConsent).toMatchObject({
    ...{ user: { id: '4' }, channel: 'SUPPORT', tenant: { id: '1' } },
    recordedBy: { id: '2' },
  })
  const withdrawn = await recordWithdrawal(world, 'acmeAdmin')
  expect(withdrawn.data.recordWithdrawal).toMatchObject({
    ...{ id: given.data.recordConsent.id, withdrawnChannel: 'SUPPORT' },
    withdrawalRecordedBy: { id: '2' },
  })
  expect((await recordWithdrawal(world, 'acmeAdmin')).data.recordWithdrawal).toBe(null)
  expect((await record(world, 'operator', { tenantId: '2' })).codes).toEqual([])
  expect((await world.audited()).slice(1).map(({ actor }) => actor.userId)).toEqual(['2', '2', '1'])
})

test('an officer records nothing in another tenant, for nobody, or from one guild alone', async () => {
  await using world = await openWithTerms()
  await give(world, 'memberAtGlobex')
  for (const change of [record, recordWithdrawal]) {
    const foreign = await change(world, 'acmeAdmin', { tenantId: '2' })
    expect(foreign.codes).toEqual(['CONSENT_TENANT_UNKNOWN'])
    expect((await change(world, 'acmeGuildAdmin')).codes).toEqual(['CONSENT_TENANT_UNKNOWN'])
    expect((await change(world, 'reachless', { tenantId: '1' })).codes).toEqual([
      'CONSENT_TENANT_UNKNOWN',
    ])
    expect((await change(world, 'operator')).codes).toEqual(['CONSENT_TENANT_REQUIRED'])
    expect((await change(world, 'acmeAdmin', { userId: 'max' })).codes).toEqual([
      'CONSENT_USER_INVALID',
    ])
    expect((await change(world, 'member')).codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
  }
  const { consents } = await consentsOf(world, 'memberAtGlobex', '4', true)
  expect(consents).toHaveLength(1)
})

test('of a person whom identity does not know in the tenant nothing is written down', async () => {
  await using world = await openWithTerms()
  for (const change of [record, recordWithdrawal]) {
    // Somebody of Globex, and nobody at all: who asks cannot tell them apart.
    const foreign = await change(world, 'acmeAdmin', { userId: '5' })
    const nobody = await change(world, 'acmeAdmin', { userId: '4711' })
    expect(foreign.codes).toEqual(['CONSENT_PERSON_UNKNOWN'])
    expect(nobody).toEqual(foreign)
    const elsewhere = await change(world, 'operator', { userId: '5', tenantId: '1' })
    expect(elsewhere.codes).toEqual(['CONSENT_PERSON_UNKNOWN'])
  }
  expect(await world.database.acrossTenants().count(PrivacyConsent, {})).toBe(0)
  expect((await world.audited()).slice(1)).toEqual([])
  expect((await record(world, 'operator', { userId: '5', tenantId: '2' })).codes).toEqual([])
})

test('while identity does not answer no consent of another is written down', async () => {
  await using world = await openWithTerms()
  const draining = { status: 503, code: 'SERVICE_DRAINING' }
  for (const failing of ['throws', { status: 500 }, draining] as const) {
    world.identity.know(failing)
    for (const change of [record, recordWithdrawal]) {
      const { codes, details } = await change(world, 'acmeAdmin')
      expect([codes, details[0]?.service]).toEqual([['SERVICE_UNREACHABLE'], 'identity'])
    }
  }
  expect(await world.database.acrossTenants().count(PrivacyConsent, {})).toBe(0)
  expect((await give(world, 'member')).codes).toEqual([])
})

test('what identity refuses, and what nobody understands, is not told as an outage', async () => {
  await using world = await openWithTerms()
  for (const [failing, code] of [
    [{ status: 200, code: 'DATABASE_BUSY' }, 'DATABASE_BUSY'],
    [{ status: 403 }, 'SERVICE_ANSWER_INVALID'],
    [{ status: 200 }, 'SERVICE_ANSWER_INVALID'],
    [{ people: { 4: { tenantIds: 'no list' } } }, 'SERVICE_ANSWER_INVALID'],
  ] as const) {
    world.identity.know(failing as unknown as Knowing)
    for (const change of [record, recordWithdrawal]) {
      expect((await change(world, 'acmeAdmin')).codes).toEqual([code])
    }
  }
  expect(await world.database.acrossTenants().count(PrivacyConsent, {})).toBe(0)
})

test('what a person once agreed to is taken back for them, also after they left', async () => {
  await using world = await openWithTerms()
  await give(world, 'member')
  world.identity.know('throws')
  const { data, codes } = await recordWithdrawal(world, 'acmeAdmin')
  expect([codes, data.recordWithdrawal]).toMatchObject([[], { isStanding: false }])
  expect((await record(world, 'acmeAdmin')).codes).toEqual(['SERVICE_UNREACHABLE'])
  world.identity.know({ people: {} })
  expect((await recordWithdrawal(world, 'acmeAdmin')).data.recordWithdrawal).toBe(null)
  expect((await record(world, 'acmeAdmin')).codes).toEqual(['CONSENT_PERSON_UNKNOWN'])
})

const LIST = `{ consents { edges { node { id user { id } } } } }`
const ONE = `query ($id: ID!) { consent(id: $id) { id purpose policy { version status } } }`
const COUNTS = `{ consentAggregates(groupBy: [PURPOSE, VERSION, IS_STANDING, CHANNEL, TENANT_ID]) {
  group count } }`

test('the list, one consent and the counts show what lies within reach and no more', async () => {
  await using world = await openWithTerms()
  await give(world, 'member')
  await give(world, 'memberAtGlobex')
  const seen = async (who: Who) => {
    const { data } = await world.ask(who, LIST)
    return (data.consents.edges as { node: { id: string } }[]).map(({ node }) => node.id)
  }
  expect(await seen('operator')).toEqual(['1', '2'])
  expect(await seen('acmeAdmin')).toEqual(['1'])
  expect(await seen('acmeGuildAdmin')).toEqual(['1'])
  expect(await seen('globexAdmin')).toEqual(['2'])
  expect(await seen('reachless')).toEqual([])
  expect((await world.ask('member', LIST)).codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])

  const one = async (who: Who, id: string) => (await world.ask(who, ONE, { id })).data.consent
  expect(await one('acmeAdmin', '1')).toMatchObject({
    purpose: 'terms',
    policy: { version: '1.0', status: 'IN_FORCE' },
  })
  expect(await one('memberAnywhere', '1')).toMatchObject({ id: '1' })
  expect(await one('acmeAdmin', '2')).toBe(null)
  expect(await one('acmeAdmin', '99')).toBe(null)
  expect(await one('acmeAdmin', 'x')).toBe(null)
  const stranger = userViewer('9', VIEWERS.member.reach, [])
  expect(await one(stranger, '1')).toBe(null)

  await withdraw(world, 'member')
  const counts = await world.ask('acmeAdmin', COUNTS)
  const ofAcme = { purpose: 'terms', version: '1.0', channel: 'WEB', tenantId: '1' }
  expect(counts.data.consentAggregates).toEqual([
    { group: { ...ofAcme, isStanding: false }, count: 1 },
  ])
  const all = (await world.ask('operator', COUNTS)).data.consentAggregates
  expect(all).toHaveLength(2)
  expect(all).toContainEqual({ group: { ...ofAcme, tenantId: '2', isStanding: true }, count: 1 })
  expect((await world.ask('member', COUNTS)).codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
})

test('reads of others are logged where the guild logs reads; one’s own are not', async () => {
  await using world = await openCompliance()
  await placeGuilds(world, { auditLogging: true })
  await publish(world)
  await give(world, 'member')
  const readsLogged = async () =>
    (await world.audited()).filter(({ action }) => action === 'consents.read')
  await consentsOf(world, 'member', '4')
  await world.ask('member', ONE, { id: '1' })
  expect(await readsLogged()).toEqual([])
  await consentsOf(world, 'acmeAdmin', '4')
  await world.ask('acmeAdmin', LIST)
  await world.ask('acmeAdmin', ONE, { id: '1' })
  expect(await readsLogged()).toMatchObject(
    Array.from({ length: 3 }, () => ({ actor: { userId: '2' }, guildId: ACME_GUILD })),
  )
})

const SEARCH = `query ($where: ConsentWhere, $orderBy: [ConsentOrder!]) {
  consents(where: $where, orderBy: $orderBy) { edges { node { id } } } }`

test('consents are searched and ordered by the names that they answer', async () => {
  await using world = await openWithTerms()
  await give(world, 'memberAtGlobex')
  await give(world, 'member')
  world.clock.advance(MINUTE_MS)
  await withdraw(world, 'member')
  const found = async (where: object, orderBy: object[] = []) => {
    const { data } = await world.ask('operator', SEARCH, { where, orderBy })
    return (data.consents.edges as { node: { id: string } }[]).map(({ node }) => node.id)
  }
  expect(await found({ isStanding: { eq: true } })).toEqual(['1'])
  expect(await found({ isStanding: { eq: false }, version: { eq: '1.0' } })).toEqual(['2'])
  expect(await found({ endedAt: { gt: after(0) } })).toEqual(['2'])
  expect(await found({ version: { eq: '2.0' } })).toEqual([])
  const newestFirst = { field: 'GRANTED_AT', direction: 'DESC' }
  expect(await found({}, [{ field: 'USER_ID', direction: 'ASC' }, newestFirst])).toEqual(['1', '2'])
})

const PURPOSES = `query ($tenantId: ID) {
  consentPurposes(tenantId: $tenantId) { purpose policy { version config } } }`

test('before agreeing, anybody signed in reads what to agree to', async () => {
  await using world = await openWithTerms()
  await publish(world, { version: 'acme-1', config: { summary: 'Ours.' } }, 'acmeAdmin')
  const policyOf = async (who: Who, variables: object = {}) => {
    const { data, codes } = await world.ask(who, PURPOSES, variables)
    const [terms] = (data?.consentPurposes ?? []) as { policy: { version: string } }[]
    return terms?.policy.version ?? codes[0]
  }
  expect(await policyOf('member')).toBe('acme-1')
  expect(await policyOf('memberAtGlobex')).toBe('1.0')
  expect(await policyOf('memberAnywhere')).toBe('1.0')
  expect(await policyOf('memberAnywhere', { tenantId: '1' })).toBe('acme-1')
  expect(await policyOf('memberAtGlobex', { tenantId: '1' })).toBe('CONSENT_TENANT_UNKNOWN')
  expect(await policyOf('anonymous')).toBe('UNAUTHORIZED_FIELD_OR_TYPE')
  const { data } = await world.ask('member', PURPOSES)
  expect(data.consentPurposes).toHaveLength(6)
  expect(data.consentPurposes[3]).toEqual({ purpose: 'marketing_discord', policy: null })
})

test('of twenty who agree and withdraw at once, one consent at most stands, and all is told', async () => {
  await using world = await openWithTerms()
  const acts = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? give : withdraw))
  const answers = await Promise.all(acts.map((act) => act(world, 'member')))
  expect(answers.flatMap(({ codes }) => codes)).toEqual([])
  const { consents } = await consentsOf(world, 'member', '4')
  expect(consents.filter(({ isStanding }) => isStanding).length).toBeLessThanOrEqual(1)
  expect((await world.audited()).slice(1)).toHaveLength(
    consents.length + consents.filter(({ ending }) => ending === 'WITHDRAWN').length,
  )
})
