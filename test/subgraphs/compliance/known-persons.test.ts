import { expect, test } from 'vitest'
import { UserPlace } from '#subgraphs/identity/entities/user.ts'
import { PEOPLE, startPlatform, type TestPlatform } from '../../kit/platform.ts'

const RECORD = `mutation ($input: RecordConsentInput!) {
  recordConsent(input: $input) { user { id } tenant { id } } }`
const OPEN = `mutation ($input: OpenAccountInput!) {
  openAccount(input: $input) { user { id } guild { id } } }`
const PERSON = `query ($id: ID!) { user(id: $id) { tenantIds guildIds } }`
const GUILDS = '{ guilds { edges { node { id tenant { id } } } } }'

type Guilds = { guilds: { edges: { node: { id: string; tenant: { id: string } } }[] } }

const MEMBER = '4'
const OTHERS = 450

/** Makes a person known in many tenants and guilds first, and then in those that are named. */
async function makeKnown({ local }: TestPlatform, places: readonly [string, string | null][]) {
  const { database } = local.platform.services.find(({ name }) => name === 'identity') ?? {}
  const em = database?.acrossTenants()
  if (!em) throw new Error('identity is not here')
  const others = Array.from({ length: OTHERS }, (_, at) => [`${at + 1_000}`, `${at + 9_000}`])
  for (const [tenantId = '', guildId = null] of [...others, ...places]) {
    const place = guildId === null ? `t:${tenantId}` : `g:${guildId}`
    em.persist(em.create(UserPlace, { userId: MEMBER, tenantId, guildId, place }))
  }
  await em.flush()
}

test('who is known in more places than identity lists is known in each of them', async () => {
  await using platform = await startPlatform()
  const operator = await platform.as(PEOPLE.operator)
  const { guilds } = (await operator(GUILDS)).data as Guilds
  const guildId = guilds.edges.find(({ node }) => node.tenant.id === '2')?.node.id ?? ''
  const said = { userId: MEMBER, purpose: 'marketing_email', version: '1.0', channel: 'SUPPORT' }
  const record = () => operator(RECORD, { input: { ...said, tenantId: '2' } })
  const open = () => operator(OPEN, { input: { userId: MEMBER, currency: 'EUR', guildId } })
  expect((await record()).errors?.map(({ extensions }) => extensions.code)).toEqual([
    'CONSENT_PERSON_UNKNOWN',
  ])
  expect((await open()).errors?.map(({ extensions }) => extensions.code)).toEqual([
    'ACCOUNT_PERSON_UNKNOWN',
  ])
  await makeKnown(platform, [['2', guildId]])
  const listed = (await operator(PERSON, { id: MEMBER })).data?.user as Record<string, string[]>
  expect(listed.tenantIds).toHaveLength(200)
  expect([listed.tenantIds?.includes('2'), listed.guildIds?.includes(guildId)]).toEqual([
    false,
    false,
  ])
  expect((await record()).data).toEqual({
    recordConsent: { user: { id: MEMBER }, tenant: { id: '2' } },
  })
  expect((await open()).data).toEqual({
    openAccount: { user: { id: MEMBER }, guild: { id: guildId } },
  })
})
