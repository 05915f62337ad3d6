import { describe, expect, test } from 'vitest'
import { OutboxRow } from '#kernel/audit/outbox-row.ts'
import { scanBytes, scanFolder } from '../kit/marker-scan.ts'
import { type Answer, type Ask, PEOPLE, startPlatform, type TestPlatform } from '../kit/platform.ts'
import { changedOnceHeard, untilQuiet } from './world.ts'

/** Texts that stand nowhere else, planted where personal data and secrets go in. */
const PLANTED = {
  email: 'zephyrine.quill@planted-marker.example',
  displayName: 'Zephyrine Quill-Planted',
  discordId: '887766554433221100',
  password: 'planted-Passw0rd-Xylophone',
  newPassword: 'planted-Passw0rd-Marimba',
  wrongPassword: 'planted-Wrong-Vibraphone',
  unknownEmail: 'nobody.here@planted-unknown.example',
  address: '203.0.113.177',
  strangeAddress: '2001:db8:beef:cafe::177',
  userAgent: 'Planted-Browser/9.9 (Xylophone)',
  message: 'planted question of a Glockenspiel',
  response: 'planted answer of a Celesta',
  entity: 'planted-Harpsichord',
  cardNumber: '4111111111111111',
  spacedCardNumber: '5500 0055 5555 5559',
}
/** Planted where it may stand in the clear, so that the scan is seen to find something. */
const OPEN = 'Planted Open Lounge'

const CREATE = `mutation($input: CreateUserInput!) { createUser(input: $input) { id email displayName } }`
const SIGN_IN = `mutation($input: SignInInput!) { signIn(input: $input) { accessToken refreshToken } }`
const CHANGE = `mutation($input: ChangePasswordInput!) { changePassword(input: $input) { id } }`
const KEY = `mutation($input: CreateApiKeyInput!) { createApiKey(input: $input) { text } }`
const GUILD = `mutation($input: RegisterGuildInput!) { registerGuild(input: $input) { id } }`
const TENANT = '1'

const GUILD_ID = '81384788765712384'
const TURN = `mutation($input: ConversationTurnInput!) {
  recordConversationTurn(input: $input) { message response entities } }`
const DEPOSIT = `mutation($input: DepositInput!) { deposit(input: $input) { id } }`
const RULE = `mutation($input: SetAlertRuleInput!) { setAlertRule(input: $input) { id } }`
const CLIENTS = `{ auditLogs(first: 100) { edges { node { client { ip userAgent } } } } }`

const EVENTS = `{ securityEvents(first: 100) { edges { node { ipAddress userAgent } } } }`

/** Asks as if from an address, through a proxy that the platform trusts, with the planted program. */
const from =
  (address: string, ask: Ask): Ask =>
  (query, variables) =>
    ask(query, variables, {
      headers: { 'x-forwarded-for': address, 'user-agent': PLANTED.userAgent },
    })

type Tokens = { accessToken: string; refreshToken: string }

const codeOf = ({ errors }: Answer) => errors?.[0]?.extensions.code

/** A person speaks with the assistant; cards are refused wherever somebody writes their number. */
async function speak(platform: TestPlatform): Promise<void> {
  const admin = from(PLANTED.address, await platform.as(PEOPLE.acmeAdmin))
  const { message, response, entity, cardNumber, spacedCardNumber } = PLANTED
  const turn = { userId: '4', conversationId: 'planted', messageType: 'TEXT' }
  const entities = { instrument: entity }
  const said = await admin(TURN, { input: { ...turn, message, response, entities } })
  expect(said.data).toEqual({ recordConversationTurn: { message, response, entities } })
  for (const card of [cardNumber, spacedCardNumber]) {
    const paid = await admin(TURN, { input: { ...turn, message: `pay with ${card}` } })
    expect(codeOf(paid)).toBe('CONVERSATION_CARD_REFUSED')
    const rule = { name: `watch ${card}`, threshold: 1, windowSeconds: 1 }
    expect(codeOf(await admin(RULE, { input: rule }))).toBe('ALERT_RULE_INVALID')
  }
  const open = { guildId: GUILD_ID, currency: 'EUR' }
  const account = { accountId: await changedOnceHeard(admin, 'openAccount', open) }
  const deposit = { ...account, money: { amount: '500', currency: 'EUR' } }
  for (const [index, note] of [cardNumber, spacedCardNumber].entries()) {
    const noted = { ...deposit, note: `from ${note}`, idempotencyKey: `planted-${index}` }
    expect(codeOf(await admin(DEPOSIT, { input: noted }))).toBe('CARD_NUMBER_REFUSED')
  }
  const keyed = { ...deposit, idempotencyKey: cardNumber }
  expect(codeOf(await admin(DEPOSIT, { input: keyed }))).toBe('CARD_NUMBER_REFUSED')
}

/** Lives a person's life: made, refused, signed in, changed, with a key. Returns the secrets given out. */
async function liveALife(platform: TestPlatform): Promise<string[]> {
  const operator = from(PLANTED.address, await platform.as(PEOPLE.operator))
  const anonymous = from(PLANTED.address, platform.with(null))
  const stranger = from(PLANTED.strangeAddress, platform.with(null))
  const { email, displayName, discordId, password, newPassword, wrongPassword } = PLANTED
  const created = await operator(CREATE, { input: { email, displayName, discordId, password } })
  expect(created.data).toMatchObject({ createUser: { email, displayName } })
  await stranger(SIGN_IN, { input: { email, password: wrongPassword } })
  await stranger(SIGN_IN, { input: { email: PLANTED.unknownEmail, password } })
  const signed = await anonymous(SIGN_IN, { input: { email, password } })
  const tokens = (signed.data as { signIn: Tokens }).signIn
  const self = from(PLANTED.address, platform.with(tokens.accessToken))
  await self(CHANGE, { input: { currentPassword: password, newPassword } })
  const admin = await platform.as(PEOPLE.acmeAdmin)
  const issued = await admin(KEY, { input: { name: 'partner', scopes: ['odds:read'] } })
  const key = (issued.data as { createApiKey: { text: string } }).createApiKey.text
  const withKey = from(PLANTED.strangeAddress, platform.with(key))
  await withKey('{ fixtures(first: 1) { edges { node { id } } } }')
  // Broken requests must not be logged with what they carried.
  await self('{ nonsense', { email })
  const unknownKey = `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`
  await from(PLANTED.strangeAddress, platform.with(unknownKey))('{ me { id } }')
  await operator(CREATE, { input: { email, displayName, password: wrongPassword } })
  const events = (await operator(EVENTS)).data as { securityEvents: { edges: { node: object }[] } }
  const seen = events.securityEvents.edges.map(({ node }) => node)
  const { address, strangeAddress, userAgent } = PLANTED
  // Both came in and can be read by who may: what is looked for below was really there.
  for (const ipAddress of [address, strangeAddress]) {
    expect(seen).toContainEqual({ ipAddress, userAgent })
  }
  const guild = { tenantId: TENANT, guildId: '990011223344556677', name: OPEN }
  expect((await operator(GUILD, { input: guild })).errors).toBeUndefined()
  return [tokens.accessToken, tokens.refreshToken, key, key.split('_')[3] ?? '']
}

const ENV = { LOG_LEVEL: 'trace', GATEWAY_TRUSTED_PROXIES: '127.0.0.0/8,::1' }

/** Looks for what was planted while the platform runs (write-ahead logs included) and after it closed. */
async function expectNowhere(platform: TestPlatform, secrets: readonly string[]): Promise<void> {
  const markers = [...Object.values(PLANTED), ...secrets]
  const running = await scanFolder(platform.dataDir, markers)
  await platform.local.close()
  const closed = await scanFolder(platform.dataDir, markers)
  const log = Buffer.from(platform.logged.join('\n'))
  expect([...running.findings, ...closed.findings, ...scanBytes('log', log, markers)]).toEqual([])
  expect(running.files).toBeGreaterThan(closed.files)
  expect(log.length).toBeGreaterThan(1_000)
  const control = await scanFolder(platform.dataDir, [OPEN])
  expect(control.findings.map(({ place }) => place)).toContain('tenancy.sqlite')
}

describe('neither personal data nor secrets stand in database files or logs, in any form', () => {
  test('of five subgraphs that all did their part', async () => {
    await using platform = await startPlatform({ env: ENV })
    const secrets = await liveALife(platform)
    await speak(platform)
    await untilQuiet(platform)
    // The audit log has them, for who may read it.
    const { address: ip, userAgent } = PLANTED
    type Clients = { auditLogs: { edges: { node: { client: object | null } }[] } }
    const { auditLogs } = (await (await platform.as(PEOPLE.operator))(CLIENTS)).data as Clients
    const clients = auditLogs.edges.map(({ node }) => node.client)
    expect(clients).toContainEqual({ ip, userAgent })
    await expectNowhere(platform, secrets)
  }, 120_000)

  test('while compliance is away, and what it is to hear waits in the outboxes', async () => {
    await using platform = await startPlatform({ env: ENV })
    const { services } = platform.local.platform
    await services.find(({ name }) => name === 'compliance')?.stop(0)
    const secrets = await liveALife(platform)
    const identity = services.find(({ name }) => name === 'identity')
    const waiting = await identity?.database
      .acrossTenants()
      .find(OutboxRow, { kind: 'audit.recorded', sentAt: null })
    expect(waiting?.length).toBeGreaterThan(5)
    await expectNowhere(platform, secrets)
  }, 120_000)
})
