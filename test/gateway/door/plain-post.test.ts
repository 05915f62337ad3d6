import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request as sendRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeApiKey } from '#kernel/auth/api-key-format.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import {
  type PlatformWorld,
  serviceKeysOfTests,
  startPlatformWorld,
  startStandaloneWorld,
  until,
} from '../../kit/gateway.ts'
import { AUDIENCE, ISSUER, startIdentityServer } from '../../kit/identity-server.ts'
import { readersAndBooks } from '../../kit/readers-world.ts'

const folder = mkdtempSync(join(tmpdir(), 'plain-post-'))
let world: PlatformWorld
let token: string

beforeAll(async () => {
  const documentsFile = join(folder, 'documents.json')
  writeFileSync(documentsFile, JSON.stringify({ mine: '{ me { name } mine }' }))
  const { sources } = readersAndBooks()
  world = await startPlatformWorld({ subgraphs: sources, options: { documentsFile } })
  token = await world.identity.mint({ claims: { scope: 'users:read' } })
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

const TYPES = ['application/json', 'application/graphql-response+json'] as const
/** No page of another origin may call here, so this says nothing: but the whole policy looks at it. */
const THE_LONG_WAY = { origin: 'https://page.example' }

type Sent = { body: string; headers?: Record<string, string> }

async function send({ body, headers = {} }: Sent) {
  const answer = await fetch(world.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-request-id': 'same', ...headers },
    body,
  })
  const all = Object.fromEntries(answer.headers)
  // Of the moment, or of how the same bytes were framed.
  for (const name of ['date', 'connection', 'keep-alive', 'transfer-encoding', 'content-length']) {
    delete all[name]
  }
  return { status: answer.status, headers: all, body: await answer.text() }
}

async function expectSame({ body, headers = {} }: Sent): Promise<void> {
  for (const accept of TYPES) {
    const short = await send({ body, headers: { ...headers, accept } })
    const long = await send({ body, headers: { ...headers, accept, ...THE_LONG_WAY } })
    expect(short, `${body.slice(0, 200)} as ${accept}`).toEqual(long)
  }
}

const asked = (query: string, more: object = {}) => JSON.stringify({ query, ...more })
const nested = (depth: number) => `{ me ${'{ friend '.repeat(depth)}{ id }${' }'.repeat(depth)} }`

const persisted = (text: string) => {
  const sha256Hash = createHash('sha256').update(text).digest('hex')
  return { extensions: { persistedQuery: { version: 1, sha256Hash } } }
}

const BODIES: readonly [string, string][] = [
  ['a question', asked('{ me { name books } }')],
  [
    'one with aliases, fragments and types',
    asked('{ a: me { __typename ...F } } fragment F on Reader { b: name }'),
  ],
  [
    'a named operation of two',
    asked('query A { me { id } } query B { me { name } }', { operationName: 'B' }),
  ],
  [
    'variables',
    asked('query ($with: Boolean!) { me { id name @include(if: $with) } }', {
      variables: { with: false },
    }),
  ],
  [
    'nulls where nothing is said',
    asked('{ me { id } }', { variables: null, operationName: null, extensions: null }),
  ],
  ['a change', asked('mutation { rename(name: "Eve") { name } }')],
  ['what fails in a subgraph', asked('{ me { id } fails }')],
  ['what is protected', asked('{ me { id } mine secret }')],
  ['what is protected, alone', asked('{ secret }')],
  [
    'a wrong variable',
    asked('query ($with: Boolean!) { me { id @include(if: $with) } }', { variables: { with: 3 } }),
  ],
  [
    'a text with NUL',
    asked('query ($with: Boolean) { me { id @include(if: $with) } }', {
      variables: { with: '\0' },
    }),
  ],
  ['questions about the schema', asked('{ __schema { queryType { name } } me { id } }')],
  ['an unknown operation', asked('query A { me { id } }', { operationName: 'C' })],
  ['two operations and no name', asked('query A { me { id } } query B { me { id } }')],
  ['no operation', asked('fragment F on Reader { id }')],
  ['an empty name', asked('{ me { id } }', { operationName: '' })],
  ['what does not fit the schema', asked('{ nobody }')],
  ['no document', asked('{ me {')],
  ['nothing', asked('')],
  ['too deep a document', asked(nested(40))],
  ['a stream', asked('subscription { ticks { id } }')],
  ['a list', `[${asked('{ me { id } }')}]`],
  ['more than is known', asked('{ me { id } }', { more: 1 })],
  ['variables that are a list', asked('{ me { id } }', { variables: [1] })],
  ['a query that is a number', '{"query":1}'],
  ['no query', '{"variables":{}}'],
  ['half of JSON', '{"query":"{ me'],
  ['no JSON', 'query'],
  ['null', 'null'],
  ['an empty body', ''],
  ['a key that is a prototype', '{"query":"{ me { id } }","__proto__":{"variables":{}}}'],
  ['an id', '{"documentId":"mine"}'],
  ['an id beside null', '{"documentId":"mine","query":null,"variables":{},"operationName":null}'],
  ['an unknown id', '{"documentId":"other"}'],
  ['what is no id', '{"documentId":["mine"]}'],
  ['an id beside its document', asked('{ me { name } mine }', { documentId: 'mine' })],
  ['a hash nobody knows', JSON.stringify(persisted('{ mine }'))],
  ['a document with its hash', asked('{ me { id } }', persisted('{ me { id } }'))],
  ['the hash of a known document', JSON.stringify(persisted('{ me { id } }'))],
  ['a document with another hash', asked('{ me { id } }', persisted('{ mine }'))],
  ['what is no hash', '{"extensions":{"persistedQuery":{"version":1}}}'],
  ['aliases that are prototypes', asked('{ __proto__: me { constructor: name toString: id } }')],
]

describe('a plain request is answered as the whole policy would, byte for byte', () => {
  test.each(BODIES)('%s, by nobody', async (_what, body) => {
    await expectSame({ body })
  })

  test.each(BODIES)('%s, by somebody with rights', async (_what, body) => {
    await expectSame({ body, headers: { authorization: `Bearer ${token}` } })
  })

  test.each([
    ['a token that is none', { authorization: 'Bearer nonsense' }],
    ['an expired one', null],
    ['another scheme', { authorization: 'Basic YTpi' }],
    ['a type with parameters', { 'content-type': 'application/json; charset=utf-8' }],
    ['another type', { 'content-type': 'text/plain' }],
    ['a compressed body', { 'content-encoding': 'gzip' }],
    ['a cursor', { 'last-event-id': 'x' }],
    ['headers of trust', { 'x-user-id': '1', 'x-dbsbm-service-token': 'x' }],
  ])('with %s', async (_what, given) => {
    const expired = async () => ({
      authorization: `Bearer ${await world.identity.mint({ livesSeconds: -10 })}`,
    })
    await expectSame({ body: asked('{ me { id } mine }'), headers: given ?? (await expired()) })
  })

  test('any body at all', async () => {
    const anything = fc.oneof(
      fc.json(),
      fc.string(),
      fc.record({ query: fc.anything() }).map((value) => JSON.stringify(value) ?? ''),
    )
    await fc.assert(
      fc.asyncProperty(anything, (body) => expectSame({ body })),
      { numRuns: 60 },
    )
  })
})

test.each(['constructor', 'toString', '__proto__'])(
  'what is accepted is no name of what every object has: %s',
  async (accept) => {
    const body = asked('{ me { name } }')
    const short = await send({ body, headers: { accept } })
    expect(short).toEqual(await send({ body, headers: { accept, ...THE_LONG_WAY } }))
  },
)

test('plain requests are counted, with their outcomes', async () => {
  const counted = async () => {
    const text = await (await fetch(`${world.url}/metrics`)).text()
    const of = (labels: string) =>
      Number(new RegExp(`request_seconds_count\\{${labels}\\} (\\d+)`).exec(text)?.[1] ?? 0)
    return {
      ok: of('operation="query",outcome="ok"'),
      partial: of('operation="query",outcome="partial"'),
      changes: of('operation="mutation",outcome="ok"'),
    }
  }
  const before = await counted()
  const headers = { accept: 'application/json' }
  await send({ body: asked('{ me { id } }'), headers })
  await send({ body: asked('{ me { id } fails }'), headers })
  await send({ body: asked('mutation { rename(name: "Eve") { id } }'), headers })
  expect(await counted()).toEqual({
    ok: before.ok + 1,
    partial: before.partial + 1,
    changes: before.changes + 1,
  })
})

test('a client that leaves in the middle of its body harms nobody', async () => {
  const leaving = sendRequest(world.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      'content-length': '100',
    },
  })
  leaving.on('error', () => undefined)
  leaving.write('{"query":')
  await new Promise((resume) => setTimeout(resume, 50))
  leaving.destroy()
  const { status } = await send({
    body: asked('{ me { id } }'),
    headers: { accept: 'application/json' },
  })
  expect(status).toBe(200)
})

test('for a client that leaves while it is identified nothing is executed', async () => {
  await using identity = await startIdentityServer(serviceKeysOfTests)
  const answered = Promise.withResolvers<void>()
  let asked = 0
  const platform = {
    ...{ serviceKeys: serviceKeysOfTests, issuer: ISSUER, audience: AUDIENCE },
    identity: {
      url: identity.server.url,
      fetch: async (request: Request) => {
        const isOfKey = request.url.endsWith('/introspect-key')
        if (isOfKey) asked++
        if (isOfKey) await answered.promise
        return fetch(request)
      },
    },
  }
  await using slow = await startStandaloneWorld({
    subgraphs: readersAndBooks().sources,
    options: { platform },
  })
  const key = writeApiKey({ publicId: 'slow'.padEnd(10, '0'), secret: 's'.repeat(32) })
  identity.keys.set(key, { viewer: slowViewer, expiresAt: null })
  const body = JSON.stringify({ query: 'mutation { rename(name: "Eve") { name } }' })
  const leaving = new AbortController()
  const left = ask(slow.endpoint, { body, key, signal: leaving.signal })
  await until(() => asked === 1)
  leaving.abort()
  await expect(left).rejects.toThrow()
  // Whoever asks next is answered after the one that left.
  const next = ask(slow.endpoint, { body: JSON.stringify({ query: '{ me { id } }' }), key })
  answered.resolve()
  expect((await next).status).toBe(200)
  expect(slow.subgraphs.readers?.seen).toHaveLength(1)
})

const slowViewer: Viewer = {
  kind: 'key',
  userId: '42',
  sessionId: null,
  keyId: 'slow',
  reach: { kind: 'none' },
  scopes: [],
  serviceName: null,
  requestId: 'introspection',
  client: null,
}

type Asked = { body: string; key: string; signal?: AbortSignal }

const ask = (endpoint: string, { body, key, signal }: Asked) =>
  fetch(endpoint, {
    ...{ method: 'POST', body, ...(signal ? { signal } : {}) },
    headers: {
      ...{ accept: 'application/json', 'content-type': 'application/json' },
      authorization: `Bearer ${key}`,
    },
  })
