import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PEOPLE, startPlatform, type TestPlatform } from '../kit/platform.ts'

let platform: TestPlatform
let origin: string

const folder = mkdtempSync(join(tmpdir(), 'dbsbm-documents-'))
const documentsFile = join(folder, 'documents.json')
writeFileSync(documentsFile, '{ "mine": "query Mine { me { id } }" }')

beforeAll(async () => {
  platform = await startPlatform({
    env: { GATEWAY_SAFELIST: 'ids-only', GATEWAY_DOCUMENTS_FILE: documentsFile },
  })
  origin = new URL(platform.url).origin
})

afterAll(async () => {
  await platform?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

const { email, password } = PEOPLE.acmeMember

type Told = {
  data?: { session?: Record<string, unknown> | null; isEnded?: boolean }
  errors?: { extensions: { code: string } }[]
}

type Call = { method?: string; path?: string; body?: unknown; headers?: Record<string, string> }

async function call({ method = 'POST', path = '', body, headers = {} }: Call) {
  const response = await fetch(`${origin}/console/session${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
  })
  const cookie = response.headers.get('set-cookie') ?? ''
  const told = (await response.json()) as Told
  return { status: response.status, cookie, told, code: told.errors?.[0]?.extensions.code }
}

const carried = (cookie: string) => ({ cookie: cookie.split(';')[0] ?? '' })
const begin = () => call({ body: { email, password } })
const renew = (cookie: string) => call({ path: '/renewal', body: {}, headers: carried(cookie) })

describe('a session of the console', () => {
  test('begins with a cookie that holds the refresh token, and tells the page all but that', async () => {
    const { status, cookie, told } = await begin()
    expect(status).toBe(200)
    expect(told.data?.session).toMatchObject({ reach: 'GUILD', scopes: expect.any(Array) })
    expect(JSON.stringify(told)).not.toContain('dsr_')
    expect(cookie).toMatch(
      /^dbsbm-session-\d+=dsr_[^;]+; Max-Age=\d+; Path=\/console\/session; HttpOnly; SameSite=Strict$/,
    )
  })

  test('is renewed by its cookie alone, and the token works', async () => {
    const { cookie } = await begin()
    const { told, cookie: next } = await renew(cookie)
    expect(next.split(';')[0]).not.toBe(cookie.split(';')[0])
    const token = String(told.data?.session?.accessToken)
    // Only documents by their ids are taken here: those of the console are.
    const { errors } = await platform.with(token)('{ me { id } }')
    expect(errors?.[0]?.extensions.code).toBe('PERSISTED_QUERY_ID_REQUIRED')
    expect(token).toMatch(/^eyJ/)
  })

  test('of nobody is null, which is no failure', async () => {
    const { status, told } = await call({ path: '/renewal', body: {} })
    expect([status, told.data?.session]).toEqual([200, null])
    expect((await renew('dbsbm-session-1=of another port')).told.data?.session).toBeNull()
  })

  test('ends with its cookie, and cannot be renewed again', async () => {
    const { cookie } = await begin()
    const ended = await call({ method: 'DELETE', headers: carried(cookie) })
    expect(ended.told.data?.isEnded).toBe(true)
    expect(ended.cookie).toContain('Max-Age=0')
    const again = await renew(cookie)
    expect(again.code).toBe('SESSION_ENDED')
    expect(again.cookie).toContain('Max-Age=0')
  })

  test('with a token that was made up is over', async () => {
    const { cookie } = await begin()
    const name = cookie.split('=')[0]
    const { code, cookie: taken } = await renew(`${name}=dsr_1.0.madeup`)
    expect(code).toBe('REFRESH_TOKEN_INVALID')
    expect(taken).toContain('Max-Age=0')
  })

  test('that is asked for with a wrong password gets the refusal of identity and no cookie', async () => {
    const { code, cookie } = await call({ body: { email, password: 'not this one' } })
    expect([code, cookie]).toEqual(['SIGN_IN_REFUSED', ''])
  })
})

describe('the door of sessions', () => {
  test.each([
    ['a form', { headers: { 'content-type': 'text/plain' } }],
    ['another site', { headers: { 'sec-fetch-site': 'cross-site' } }],
    ['another page of the same site', { headers: { 'sec-fetch-site': 'same-site' } }],
  ])('refuses what %s sends', async (_who, { headers }) => {
    const { cookie } = await begin()
    for (const path of ['', '/renewal']) {
      const asked = await call({
        path,
        body: { email, password },
        headers: { ...carried(cookie), ...headers },
      })
      expect([asked.status, asked.code, asked.cookie]).toEqual([403, 'CSRF_REFUSED', ''])
    }
  })

  test('takes what the console’s own page sends', async () => {
    const headers = { 'sec-fetch-site': 'same-origin' }
    expect((await call({ body: { email, password }, headers })).status).toBe(200)
  })

  test.each([
    ['no JSON', '{"email":', 'BAD_REQUEST'],
    ['a list', '[]', 'BAD_REQUEST'],
    ['too much', JSON.stringify({ email, password: 'x'.repeat(5_000) }), 'BODY_TOO_LARGE'],
    ['a number for a password', { email, password: 1 }, 'BAD_USER_INPUT'],
    ['nothing of what is needed', {}, 'BAD_USER_INPUT'],
  ])('answers %s with a code', async (_what, body, code) => {
    const asked = await call({ body })
    expect([asked.code, asked.cookie]).toEqual([code, ''])
  })

  test('takes no cookie that another host of the site has planted beside its own', async () => {
    const { cookie } = await begin()
    const own = cookie.split(';')[0] ?? ''
    const planted = `${own.split('=')[0]}=dsr_1.0.planted`
    const both = await call({
      path: '/renewal',
      body: {},
      headers: { cookie: `${planted}; ${own}` },
    })
    expect(both.told.data?.session).toBeNull()
  })

  test('believes no origin that is another host, where the browser says no more', async () => {
    const headers = { origin: 'https://elsewhere.example' }
    const asked = await call({ body: { email, password }, headers })
    expect([asked.status, asked.code]).toEqual([403, 'CSRF_REFUSED'])
    expect((await call({ body: { email, password }, headers: { origin } })).status).toBe(200)
  })

  test('marks the cookie as secure where the page is, whatever a proxy calls the host', async () => {
    const headers = { origin: 'https://console.example', 'sec-fetch-site': 'same-origin' }
    const { cookie } = await call({ body: { email, password }, headers })
    expect(cookie).toMatch(/^__Secure-dbsbm-session=dsr_.*; Secure$/)
  })

  test('marks the cookie as secure wherever a network carries it', async () => {
    const response = await platform.local.fetch(
      new Request('https://console.example/console/session', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, password }),
      }),
    )
    expect(response.headers.get('set-cookie')).toMatch(/^__Secure-dbsbm-session=dsr_.*; Secure$/)
  })
})

test('an operator’s safelist holds the console’s documents beside its own, and none of partners', async () => {
  const { told } = await begin()
  const token = String(told.data?.session?.accessToken)
  const shipped: Record<string, string> = JSON.parse(readFileSync('schema/documents.json', 'utf8'))
  const idOf = (name: string) =>
    Object.entries(shipped).find(([, source]) => source.startsWith(`query ${name}`))?.[0]
  const ask = async (documentId: string | undefined) => {
    const response = await fetch(platform.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ documentId }),
    })
    const { errors } = (await response.json()) as Told
    return errors?.[0]?.extensions.code
  }
  expect(await ask('mine')).toBeUndefined()
  expect(await ask(idOf('ConsoleWhoAmI'))).toBeUndefined()
  expect(await ask(idOf('AuditTrail'))).toBe('PERSISTED_QUERY_NOT_IN_LIST')
})
