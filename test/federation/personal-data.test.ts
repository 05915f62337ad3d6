import { expect, test } from 'vitest'
import { scanBytes, scanFolder } from '../kit/marker-scan.ts'
import { type Ask, PEOPLE, startPlatform, type TestPlatform } from '../kit/platform.ts'

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
}
/** Planted where it may stand in the clear, so that the scan is seen to find something. */
const OPEN = 'Planted Open Lounge'

const CREATE = `mutation($input: CreateUserInput!) { createUser(input: $input) { id email displayName } }`
const SIGN_IN = `mutation($input: SignInInput!) { signIn(input: $input) { accessToken refreshToken } }`
const CHANGE = `mutation($input: ChangePasswordInput!) { changePassword(input: $input) { id } }`
const KEY = `mutation($input: CreateApiKeyInput!) { createApiKey(input: $input) { text } }`
const GUILD = `mutation($input: RegisterGuildInput!) { registerGuild(input: $input) { id } }`
const TENANT = '1'

const EVENTS = `{ securityEvents(first: 100) { edges { node { ipAddress userAgent } } } }`

/** Asks as if from an address, through a proxy that the platform trusts, with the planted program. */
const from =
  (address: string, ask: Ask): Ask =>
  (query, variables) =>
    ask(query, variables, {
      headers: { 'x-forwarded-for': address, 'user-agent': PLANTED.userAgent },
    })

type Tokens = { accessToken: string; refreshToken: string }

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

test('neither personal data nor secrets stand in database files or logs, in any form', async () => {
  const platform = await startPlatform({
    env: { LOG_LEVEL: 'trace', GATEWAY_TRUSTED_PROXIES: '127.0.0.0/8,::1' },
  })
  try {
    const secrets = await liveALife(platform)
    const markers = [...Object.values(PLANTED), ...secrets]
    // While it runs (write-ahead logs included) and after it closed.
    const running = await scanFolder(platform.dataDir, markers)
    await platform.local.close()
    const closed = await scanFolder(platform.dataDir, markers)
    const log = Buffer.from(platform.logged.join('\n'))
    expect([...running.findings, ...closed.findings, ...scanBytes('log', log, markers)]).toEqual([])
    expect(running.files).toBeGreaterThan(closed.files)
    expect(log.length).toBeGreaterThan(1_000)

    const control = await scanFolder(platform.dataDir, [OPEN])
    expect(control.findings.map(({ place }) => place)).toContain('tenancy.sqlite')
  } finally {
    await platform[Symbol.asyncDispose]()
  }
})
