import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  DbsbmError,
  type DbsbmOptions,
  MyBetsDocument,
  RefreshTokensDocument,
} from '../../sdk/src/index.ts'
import { PEOPLE, startPlatform, type TestPlatform } from '../kit/platform.ts'
import { startTcpProxy } from '../kit/tcp-proxy.ts'
import { countOf, openSdkAt, refusalOf, SETUP_MS, type Way } from './sdk-world.ts'

let platform: TestPlatform
beforeAll(async () => {
  platform = await startPlatform()
}, SETUP_MS)
afterAll(() => platform[Symbol.asyncDispose]())

const SIGN_IN = `mutation Open($input: SignInInput!) { signIn(input: $input) { accessToken refreshToken } }`
const SIGN_OUT = 'mutation Out($input: SignOutInput!) { signOut(input: $input) { id } }'
const ROLES = '{ roles(where: { name: { eq: "analyst" } }) { edges { node { id permissions } } } }'
const CHANGE_ROLE = `mutation Change($input: UpdateRoleInput!) { updateRole(input: $input) { id } }`
const ME = '{ me { id } }'

/** A session of somebody else's making. */
async function sessionOf(account: object) {
  const { data } = await platform.with(null)(SIGN_IN, { input: account })
  return (data as { signIn: { accessToken: string; refreshToken: string } }).signIn
}

/** Ends the access tokens of all analysts, as a change of their role does. */
async function revokeAnalysts() {
  const operator = await platform.as(PEOPLE.operator)
  type Roles = { roles: { edges: { node: { id: string; permissions: string[] } }[] } }
  const { data } = await operator(ROLES)
  const role = (data as Roles).roles.edges[0]?.node
  const input = { roleId: role?.id, permissions: role?.permissions }
  expect(await operator(CHANGE_ROLE, { input })).not.toHaveProperty('errors')
}

const twenty = <Value>(ask: () => Promise<Value>) =>
  Promise.all(Array.from({ length: 20 }, () => ask()))

describe('a session', () => {
  test('is opened once for all who ask first', async () => {
    await using client = openSdkAt(platform, PEOPLE.acmeMember)
    await twenty(() => client.query(MyBetsDocument))
    expect(countOf(client.sent, 'mutation SignIn')).toBe(1)
  })

  test('whose token was revoked is refreshed once for all who hear of it', async () => {
    await using client = openSdkAt(platform, PEOPLE.acmeAnalyst)
    await client.query(ME)
    await revokeAnalysts()
    await expect
      .poll(async () => {
        await client.query(ME)
        return countOf(client.sent, 'RefreshTokens')
      })
      .toBe(1)
    client.sent.length = 0
    await revokeAnalysts()
    const answers = await twenty(() => client.query(ME))
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(countOf(client.sent, 'RefreshTokens')).toBeLessThanOrEqual(1)
  })

  test('that stands goes on, and tells each next token before it is needed', async () => {
    const { refreshToken } = await sessionOf(PEOPLE.acmeMember)
    const kept: string[] = []
    const onRefreshToken = (token: string) => void kept.push(token)
    {
      await using client = openSdkAt(platform, { refreshToken, onRefreshToken })
      await client.query(ME)
    }
    expect(kept).toHaveLength(1)
    await using next = openSdkAt(platform, { refreshToken: kept[0] ?? '', onRefreshToken })
    expect(await next.query(ME)).toMatchObject({ me: { id: '4' } })
    expect(kept).toHaveLength(2)
  })

  test('that was ended is refused with one failure for all, and not asked for again', async () => {
    const { accessToken, refreshToken } = await sessionOf(PEOPLE.acmeMember)
    const out = await platform.with(accessToken)(SIGN_OUT, { input: {} })
    expect(out).not.toHaveProperty('errors')
    await using client = openSdkAt(platform, { refreshToken, onRefreshToken: () => {} })
    const refusals = await twenty(() => refusalOf(client.query(ME)))
    expect(new Set(refusals).size).toBe(1)
    expect(refusals[0]).toMatchObject({ code: 'SESSION_ENDED' })
    expect(await refusalOf(client.query(ME))).toBe(refusals[0])
    expect(client.sent).toHaveLength(1)
  })

  test('that was ended begins anew where its person signed in by the client', async () => {
    await using client = openSdkAt(platform, PEOPLE.globexAdmin)
    await client.query(ME)
    const admin = await platform.as(PEOPLE.operator)
    const { data } = await admin('{ users(where: {}) { edges { node { id } } } }')
    expect(data).not.toBeNull()
    const { me } = await client.query<{ me: { id: string } }>(ME)
    const end =
      'mutation End($input: RevokeUserSessionsInput!) { revokeUserSessions(input: $input) { count } }'
    await admin(end, { input: { userId: me.id } })
    await expect
      .poll(async () => {
        await client.query(ME)
        return countOf(client.sent, 'mutation SignIn')
      })
      .toBe(2)
  })

  test('whose password is wrong is refused without its password, and tried once', async () => {
    const password = 'not-the-password'
    await using client = openSdkAt(platform, { ...PEOPLE.acmeOfficer, password })
    const refusals = await twenty(() => refusalOf(client.query(ME)))
    expect(new Set(refusals).size).toBe(1)
    const [refusal] = refusals
    if (!(refusal instanceof DbsbmError)) throw refusal
    expect(refusal.code).toBe('SIGN_IN_REFUSED')
    expect(JSON.stringify([refusal, refusal.stack, refusal.cause])).not.toContain(password)
    expect(await refusalOf(client.query(ME))).toBe(refusal)
    expect(client.sent).toHaveLength(1)
  })
})

describe('an answer to a refresh that is lost', () => {
  test('is asked for again at once, and the session goes on', async () => {
    const { refreshToken } = await sessionOf(PEOPLE.acmeMember)
    await using proxy = await startTcpProxy(Number(new URL(platform.url).port))
    let losses = 1
    proxy.fateOf = (piece) =>
      piece.includes(RefreshTokensDocument.split('(', 1)[0] ?? '') && losses-- > 0
        ? 'lose-answer'
        : 'pass'
    const url = `http://127.0.0.1:${proxy.port}/graphql`
    const kept: string[] = []
    await using client = openSdkAt(
      { ...platform, url },
      { refreshToken, onRefreshToken: (token) => void kept.push(token) },
    )
    expect(await client.query(ME)).toMatchObject({ me: { id: '4' } })
    expect(countOf(client.sent, 'RefreshTokens')).toBe(2)
    expect(kept).toHaveLength(1)
  })
})

describe('while identity is away, as the gateway tells it,', () => {
  const AWAY = ['SUBGRAPH_UNREACHABLE', 'SUBGRAPH_TIMEOUT', 'DATABASE_BUSY']
  /** Fails one kind of question so often, with status 200 as a part of the platform fails. */
  const away = (code: string, field: string): Way => {
    let left = 1
    return ({ query }, pass) => {
      if (!query.includes(`${field}(`) || left-- <= 0) return pass()
      const errors = [{ message: 'No.', path: [field], extensions: { code } }]
      return Response.json({ data: { [field]: null }, errors })
    }
  }

  test.each(AWAY)('a refresh that meets %s is asked again', async (code) => {
    const { refreshToken } = await sessionOf(PEOPLE.acmeMember)
    const credentials = { refreshToken, onRefreshToken: () => {} }
    await using client = openSdkAt(platform, credentials, away(code, 'refreshTokens'))
    expect(await client.query(ME)).toMatchObject({ me: { id: '4' } })
    expect(countOf(client.sent, 'RefreshTokens')).toBe(2)
  })

  test.each(AWAY)('a sign-in that meets %s is no refusal', async (code) => {
    await using client = openSdkAt(platform, PEOPLE.acmeMember, away(code, 'signIn'))
    expect(await refusalOf(client.query(ME, {}, { retries: 0 }))).toMatchObject({ code })
    expect(await client.query(ME)).toMatchObject({ me: { id: '4' } })
  })
})

describe('what cannot be sent', () => {
  const UNSENDABLE = 'abc\ndef-SECRET'

  test.each(['question', 'subscription'])('is not told by a token for a %s', async (kind) => {
    let asked = 0
    const accessToken = () => {
      asked++
      return UNSENDABLE
    }
    await using client = openSdkAt(platform, { accessToken })
    const change = 'subscription { betChanged { betId } }'
    const answer = kind === 'question' ? client.query(ME) : client.subscribe(change).next()
    const refusal = await refusalOf(answer)
    expect(refusal).toMatchObject({ code: 'OPTIONS_INVALID' })
    expect(inspect(refusal, { depth: 9 })).not.toContain('SECRET')
    expect(asked).toBe(1)
    expect(client.sent).toEqual([])
  })

  test('is not taken from the platform either', async () => {
    const token = { accessTokenExpiresAt: '2100-01-01T00:00:00Z', refreshToken: 'r' }
    const way: Way = () =>
      Response.json({ data: { signIn: { ...token, accessToken: UNSENDABLE } } })
    await using client = openSdkAt(platform, PEOPLE.acmeMember, way)
    const refusal = await refusalOf(client.query(ME))
    expect(refusal).toMatchObject({ code: 'ANSWER_INVALID' })
    expect(inspect(refusal, { depth: 9 })).not.toContain('SECRET')
  })

  test.each<[string, object]>([
    ['a refresh token', { refreshToken: UNSENDABLE, onRefreshToken: () => {} }],
    ['a password that is no text', { ...PEOPLE.acmeMember, password: { SECRET: 1 } }],
  ])('is refused before it is used: %s', (_what, credentials) => {
    const open = () => openSdkAt(platform, credentials as DbsbmOptions['credentials'])
    const message = expect.not.stringContaining('SECRET')
    expect(open).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID', message }))
  })
})

describe('a key', () => {
  test('that cannot be sent is refused without being told', () => {
    const apiKey = 'dsk_secret\nvalue'
    expect(() => openSdkAt(platform, { apiKey })).toThrow(
      expect.objectContaining({
        code: 'OPTIONS_INVALID',
        message: expect.not.stringContaining('dsk_'),
      }),
    )
  })

  test('that is none is refused, and never renewed', async () => {
    await using client = openSdkAt(platform, { apiKey: 'dsk_nobodys' })
    expect(await refusalOf(client.query(ME))).toMatchObject({ code: 'API_KEY_INVALID' })
    expect(client.sent).toHaveLength(1)
  })
})
