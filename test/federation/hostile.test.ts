import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EventTopic } from '#kernel/events/event-topic.ts'
import { openEventStream, openSocketClient } from '../kit/live-clients.ts'
import { type Ask, PEOPLE, startPlatform, type TestPlatform } from '../kit/platform.ts'
import { shown, take, untilAnswer } from './world.ts'

const ME = '{ me { id } }'
const NEWS = 'subscription { tenancyChanged(tenantId: "1") { type targetId } }'
const SECURITY = 'subscription { securityEventHappened { eventType } }'
const FLAG = `mutation Flag($input: SetFeatureFlagInput!) { setFeatureFlag(input: $input) { key } }`
const ROLE = 'mutation Role($input: CreateRoleInput!) { createRole(input: $input) { id } }'
const GRANT = 'mutation Grant($input: GrantRoleInput!) { grantRole(input: $input) { id } }'
const KEY = `mutation Key($input: CreateApiKeyInput!) {
  createApiKey(input: $input) { text apiKey { id } }
}`

let platform: TestPlatform
let admin: Ask
let token: string

beforeAll(async () => {
  platform = await startPlatform()
  token = await platform.tokenOf(PEOPLE.acmeAdmin)
  admin = platform.with(token)
})
afterAll(() => platform[Symbol.asyncDispose]())

const codesOf = async (ask: Ask, query: string, variables: object = {}) => {
  const { errors = [], status } = await ask(query, variables)
  return [status, ...errors.map(({ extensions }) => extensions.code)]
}

describe('who asks with', () => {
  test('a token that was changed is refused', async () => {
    const [head, , signature] = token.split('.')
    const claims = Buffer.from(JSON.stringify({ sub: '1', reach: 'platform', scope: '*:*' }))
    const forged = `${head}.${claims.toString('base64url')}.${signature}`
    expect(await codesOf(platform.with(forged), ME)).toEqual([401, 'TOKEN_INVALID'])
  })

  test('a token of another platform is refused', async () => {
    await using other = await startPlatform()
    const foreign = await other.tokenOf(PEOPLE.operator)
    expect(await codesOf(other.with(foreign), ME)).toEqual([200])
    expect(await codesOf(platform.with(foreign), ME)).toEqual([401, 'TOKEN_INVALID'])
  })

  test('a token of a session that ended is refused, others of the person are not', async () => {
    const ended = await platform.tokenOf(PEOPLE.acmeAnalyst)
    const ask = platform.with(ended)
    await ask('mutation { signOut(input: {}) { id } }')
    const codes = await untilAnswer(
      () => codesOf(ask, ME),
      ([status]) => status !== 200,
    )
    expect(codes).toEqual([401, 'TOKEN_REVOKED'])
    expect(await codesOf(await platform.as(PEOPLE.acmeAnalyst), ME)).toEqual([200])
  })

  test('a key is let in until it is revoked, and never with a wrong checksum', async () => {
    const input = { name: 'hostile', scopes: ['odds:read'] }
    type Issued = { text: string; apiKey: { id: string } }
    const { text, apiKey } = await take<Issued>(admin, KEY, { input })
    const keyed = platform.with(text)
    expect(await codesOf(keyed, ME)).toEqual([200])
    const wrong = `${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`
    expect(await codesOf(platform.with(wrong), ME)).toEqual([401, 'API_KEY_INVALID'])
    await admin('mutation End($id: ID!) { revokeApiKey(input: { apiKeyId: $id }) { id } }', apiKey)
    const codes = await untilAnswer(
      () => codesOf(keyed, ME),
      ([status]) => status !== 200,
    )
    expect(codes).toEqual([401, 'API_KEY_INVALID'])
  })

  test('his own password reaches nothing of a tenant where he has no role', async () => {
    const signIn = 'mutation In($input: SignInInput!) { signIn(input: $input) { reach scopes } }'
    const input = { ...PEOPLE.acmeAdmin, tenantId: '2' }
    expect(await take(platform.with(null), signIn, { input })).toEqual({
      reach: 'NONE',
      scopes: [],
    })
  })
})

describe('whoever reaches for more than he has', () => {
  const refusal = async (query: string, input: object) =>
    (await shown(admin, query, { input })).refused

  test('makes no role, gives no role and issues no key above his own rights', async () => {
    const role = { name: 'more', permissions: ['tenants:write'] }
    expect(await refusal(ROLE, role)).toEqual(['createRole: ROLE_ABOVE_OWN'])
    const all = { name: 'all', permissions: ['*:*'] }
    expect(await refusal(ROLE, all)).toEqual(['createRole: ROLE_ABOVE_OWN'])
    const operatorRole = { userId: '2', roleId: '1', tenantId: '1' }
    expect(await refusal(GRANT, operatorRole)).toEqual(['grantRole: ROLE_ABOVE_OWN'])
    const key = { name: 'more', scopes: ['tenants:write'] }
    expect(await refusal(KEY, key)).toEqual(['createApiKey: ROLE_ABOVE_OWN'])
  })

  test('gives no role and issues no key for another tenant', async () => {
    const elsewhere = { userId: '2', roleId: '4', tenantId: '2' }
    expect(await refusal(GRANT, elsewhere)).toEqual(['grantRole: ROLE_PLACE_BEYOND_REACH'])
    const key = { name: 'elsewhere', scopes: ['odds:read'], tenantId: '2' }
    expect(await refusal(KEY, key)).toEqual(['createApiKey: ROLE_PLACE_BEYOND_REACH'])
  })
})

describe('a subscription resumed from a cursor', () => {
  let cursors: { news: string; security: string }

  const codeOf = (result: unknown) =>
    (result as { errors?: { extensions: { code: string } }[] } | undefined)?.errors?.[0]?.extensions
      .code

  /** The code with which a subscription is refused over SSE and over a WebSocket. */
  const refusals = async (query: string, resume: unknown) => {
    const headers = { authorization: `Bearer ${token}` }
    const body = { query, extensions: { resume } }
    await using stream = await openEventStream(platform.url, body, headers)
    await stream.ended
    using socket = openSocketClient(platform.url.replace('http', 'ws'), {
      authorization: `Bearer ${token}`,
    })
    const { results, ended } = socket.subscribe(query, { resume })
    const end = await ended
    const errors = Array.isArray(end) ? { errors: end } : results[0]
    return [codeOf(stream.events[0]?.data), codeOf(errors)]
  }

  const cursorOf = async (query: string, cause: () => Promise<unknown>) => {
    const headers = { authorization: `Bearer ${token}` }
    await using stream = await openEventStream(platform.url, { query }, headers)
    await untilAnswer(
      async () => {
        await cause()
        return stream.events.length
      },
      (events) => events > 0,
    )
    const first = stream.events[0]?.data as { extensions: { cursor: string } }
    return first.extensions.cursor
  }

  beforeAll(async () => {
    let flags = 0
    const flag = () =>
      admin(FLAG, {
        input: { tenantId: '1', key: `k${++flags}`, isEnabled: true, description: 'A flag.' },
      })
    const role = () => admin(ROLE, { input: { name: `r${++flags}`, permissions: ['odds:read'] } })
    cursors = { news: await cursorOf(NEWS, flag), security: await cursorOf(SECURITY, role) }
  })

  test('goes on behind it', async () => {
    const headers = { authorization: `Bearer ${token}` }
    const body = { query: NEWS, extensions: { resume: cursors.news } }
    await admin(FLAG, {
      input: { tenantId: '1', key: 'again', isEnabled: true, description: 'A flag.' },
    })
    await using stream = await openEventStream(platform.url, body, headers)
    await untilAnswer(
      async () => JSON.stringify(stream.events),
      (events) => events.includes('flag.'),
    )
  })

  test('is refused when the cursor is of another feed', async () => {
    expect(await refusals(NEWS, cursors.security)).toEqual(['CURSOR_FOREIGN', 'CURSOR_FOREIGN'])
    expect(await refusals(SECURITY, cursors.news)).toEqual(['CURSOR_FOREIGN', 'CURSOR_FOREIGN'])
  })

  test.each([
    ['garbage', 'garbage'],
    ['an empty text', ''],
    ['longer than any cursor', 'A'.repeat(2_000)],
    ['a number', 7],
    ['an object', { seq: 1 }],
  ])('is refused when the cursor is %s: no hole is silent', async (_what, resume) => {
    for (const query of [NEWS, SECURITY]) {
      expect(await refusals(query, resume)).toEqual(['CURSOR_INVALID', 'CURSOR_INVALID'])
    }
  })

  test('is refused when a single character of the cursor was altered', async () => {
    for (const [query, cursor] of [
      [NEWS, cursors.news],
      [SECURITY, cursors.security],
    ] as const) {
      const altered = `${cursor.slice(0, 40)}${cursor[40] === 'A' ? 'B' : 'A'}${cursor.slice(41)}`
      expect(await refusals(query, altered)).toEqual(['CURSOR_INVALID', 'CURSOR_INVALID'])
    }
  })

  /** What the first event says of the way from the cursor to it, to one who goes on in any case. */
  const recovered = async (cursor: string) => {
    const headers = { authorization: `Bearer ${token}` }
    const body = { query: NEWS, extensions: { resume: cursor, orLive: true } }
    await using stream = await openEventStream(platform.url, body, headers)
    let round = 0
    await untilAnswer(
      async () => {
        const key = `round${++round}`
        const input = { tenantId: '1', key, isEnabled: true, description: 'A flag.' }
        await admin(FLAG, { input })
        return stream.events.length
      },
      (events) => events > 1,
    )
    return stream.events.slice(0, 2).map(({ data }) => (data as { extensions: object }).extensions)
  }
  const marked = (mark: boolean) => [
    { cursor: expect.any(String), recovered: mark },
    { cursor: expect.any(String) },
  ]

  test('in any case goes on whole, and says so on its first event alone', async () => {
    expect(await recovered(cursors.news)).toEqual(marked(true))
  })

  test('is refused when the cursor is from before the history', async () => {
    const [identity, tenancy] = platform.local.platform.services
    const feeds = [
      { query: SECURITY, cursor: cursors.security, database: identity?.database },
      { query: NEWS, cursor: cursors.news, database: tenancy?.database },
    ]
    for (const { query, cursor, database } of feeds) {
      const em = database?.acrossTenants()
      const topics = (await em?.find(EventTopic, {})) ?? []
      // The last event too: the cursor may be that of the last.
      for (const topic of topics) topic.firstSeq = topic.lastSeq + 2
      await em?.flush()
      await admin(FLAG, {
        input: { tenantId: '1', key: 'later', isEnabled: true, description: 'A flag.' },
      })
      expect(await refusals(query, cursor)).toEqual(['CURSOR_EXPIRED', 'CURSOR_EXPIRED'])
    }
    expect(await recovered(cursors.news)).toEqual(marked(false))
  })
})
