import { createHash } from 'node:crypto'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { SettingsOverride } from '#gateway/settings.ts'
import {
  type GatewayWorld,
  startStandaloneWorld,
  subscriptionsAt,
  until,
} from '../../kit/gateway.ts'
import { openEventStream } from '../../kit/live-clients.ts'
import { openRawSocket } from '../../kit/raw-socket.ts'
import { readersAndBooks } from '../../kit/readers-world.ts'

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')
const idOf = (text: string) => `sha256:${hashOf(text)}`

const ME = 'query Me { me { name books } }'
const RENAME = 'mutation Rename($name: String!) { rename(name: $name) { id name } }'
const TICKS = 'subscription Ticks { ticks { id name } }'
const TWO = 'query A { me { id } } query B { me { name } }'
const LISTED = [ME, RENAME, TICKS, TWO]
const MANIFEST = { ...Object.fromEntries(LISTED.map((text) => [idOf(text), text])), 'x-app:me': ME }

const folder = mkdtempSync(join(tmpdir(), 'documents-'))
const documentsFile = join(folder, 'documents.json')
writeFileSync(documentsFile, JSON.stringify(MANIFEST))
afterAll(() => rmSync(folder, { recursive: true }))

const startWorld = (documents: SettingsOverride['documents'] = {}, file = documentsFile) => {
  const { sources, ticks } = readersAndBooks()
  const options = { documentsFile: file }
  const world = startStandaloneWorld({ subgraphs: sources, settings: { documents }, options })
  return { world, ticks }
}

type Sent = { body: object; headers?: Record<string, string> }

async function post(world: GatewayWorld, { body, headers = {} }: Sent) {
  const response = await fetch(world.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      ...headers,
    },
    body: JSON.stringify(body),
  })
  const answer = (await response.json()) as {
    data?: unknown
    errors?: { message: string; extensions: { code: string } }[]
  }
  const [error] = answer.errors ?? []
  return { status: response.status, code: error?.extensions.code, error, data: answer.data }
}

async function get(world: GatewayWorld, params: Record<string, string>) {
  const response = await fetch(`${world.endpoint}?${new URLSearchParams(params)}`, {
    headers: {
      'apollo-require-preflight': '1',
      accept: 'application/graphql-response+json',
    },
  })
  const answer = (await response.json()) as { data?: unknown; errors?: { extensions: object }[] }
  const { headers, status } = response
  return { status, headers, data: answer.data, ...answer.errors?.[0]?.extensions }
}

/** Both ways through the gateway: pages of other origins take the longer one. */
const WAYS: readonly [string, Record<string, string>][] = [
  ['the short way', {}],
  ['the long way', { origin: 'https://page.example' }],
]

const persisted = (sha256Hash: unknown, version: unknown = 1) => ({
  extensions: { persistedQuery: { version, sha256Hash } },
})
const DATA = { me: { name: 'Ada', books: ['book of 1'] } }

describe('documents by id', () => {
  let world: GatewayWorld
  let ticks: ReturnType<typeof readersAndBooks>['ticks']
  beforeAll(async () => {
    const starting = startWorld()
    ticks = starting.ticks
    world = await starting.world
  })
  afterAll(() => world[Symbol.asyncDispose]())

  describe.each(WAYS)('by %s', (_way, headers) => {
    test.each<[string, object, number, string | undefined]>([
      ['its hash', { documentId: idOf(ME) }, 200, undefined],
      ['an id of one’s own', { documentId: 'x-app:me' }, 200, undefined],
      ['an empty text beside the id', { documentId: idOf(ME), query: '' }, 200, undefined],
      ['null beside the id', { documentId: idOf(ME), query: null }, 200, undefined],
      ['Apollo’s place for it', persisted(hashOf(ME)), 200, undefined],
      ['an own id in Apollo’s place', persisted('x-app:me'), 200, undefined],
      ['both id and text', { documentId: idOf(ME), query: ME }, 400, 'CANNOT_SEND_PQ_ID_AND_BODY'],
      [
        'an id twice',
        { documentId: idOf(ME), ...persisted(hashOf(ME)) },
        400,
        'CANNOT_SEND_PQ_ID_AND_BODY',
      ],
      ['an unknown id', { documentId: idOf('{ me { id } }') }, 404, 'PERSISTED_QUERY_NOT_IN_LIST'],
      ['a prototype’s key', { documentId: 'constructor' }, 404, 'PERSISTED_QUERY_NOT_IN_LIST'],
      ['half a hash', { documentId: 'sha256:abc' }, 400, 'DOCUMENT_ID_INVALID'],
      ['a number', { documentId: 7 }, 400, 'DOCUMENT_ID_INVALID'],
      ['an empty id', { documentId: '' }, 400, 'DOCUMENT_ID_INVALID'],
      ['a query that is a number', { documentId: idOf(ME), query: 7 }, 400, 'BAD_REQUEST'],
      ['nothing', { variables: {} }, 400, 'BAD_REQUEST'],
    ])('%s', async (_what, body, status, code) => {
      const answer = await post(world, { body, headers })
      expect([answer.status, answer.code]).toEqual([status, code])
      if (status === 200) expect(answer.data).toEqual(DATA)
    })

    test('with variables, and an operation of two', async () => {
      const renamed = { documentId: idOf(RENAME), variables: { name: 'Eve' } }
      const { data } = await post(world, { body: renamed, headers })
      expect(data).toEqual({ rename: { id: '1', name: 'Eve' } })
      const second = { documentId: idOf(TWO), operationName: 'B' }
      const answer = await post(world, { body: second, headers })
      expect(answer.data).toEqual({ me: { name: 'Ada' } })
    })
  })

  test('by GET, but no change', async () => {
    expect(await get(world, { documentId: idOf(ME) })).toMatchObject({ status: 200, data: DATA })
    const variables = JSON.stringify({ name: 'Eve' })
    const changed = await get(world, { documentId: idOf(RENAME), variables })
    expect(changed.status).toBe(405)
    expect(changed.headers.get('allow')).toBe('POST')
    const both = await get(world, { documentId: idOf(ME), query: ME })
    expect(both).toMatchObject({ status: 400, code: 'CANNOT_SEND_PQ_ID_AND_BODY' })
    const broken = await get(world, { documentId: idOf(ME), variables: '{' })
    expect(broken).toMatchObject({ status: 400, code: 'BAD_REQUEST' })
  })

  test('by GET only to whom a browser would have to ask for', async () => {
    const url = `${world.endpoint}?${new URLSearchParams({ documentId: idOf(ME) })}`
    for (const type of [
      'application/json',
      'text/plain',
      'application/x;y',
      'message/fastinfoset',
    ]) {
      const response = await fetch(url, { headers: { 'content-type': type } })
      const { errors } = (await response.json()) as { errors: { extensions: object }[] }
      expect(response.status).toBe(403)
      expect(errors[0]?.extensions).toMatchObject({ code: 'CSRF_REFUSED' })
    }
  })

  test('over a WebSocket without a text beside the id, as over HTTP', async () => {
    await using socket = await openRawSocket(world.websocket)
    socket.send({ id: '1', type: 'subscribe', payload: { documentId: idOf(ME) } })
    socket.send({ id: '2', type: 'subscribe', payload: persisted(hashOf('{ a }')) })
    await expect
      .poll(() => socket.texts.filter((text) => /"(next|error)"/.test(text)).length)
      .toBe(2)
    const told = socket.texts.join()
    expect(told).toContain(`"payload":{"data":${JSON.stringify(DATA)}}`)
    expect(told).toMatch(/"id":"2","type":"error".*PERSISTED_QUERY_/)
  })

  test('over an event stream and over a WebSocket', async () => {
    await using stream = await openEventStream(world.endpoint, { documentId: idOf(TICKS) })
    await expect.poll(() => ticks.listeners).toBe(1)
    const client = createClient({ url: world.websocket, webSocketImpl: WebSocket })
    const seen: unknown[] = []
    const refused: unknown[] = []
    const asked = { query: '', documentId: idOf(TICKS) }
    client.subscribe(asked, {
      next: (result) => void seen.push(result.data),
      error: (failure) => void refused.push(failure),
      complete: () => undefined,
    })
    client.subscribe(
      { query: '', ...persisted(hashOf('{ a }')) },
      {
        next: () => undefined,
        error: (failure) => void refused.push(failure),
        complete: () => undefined,
      },
    )
    await expect.poll(() => subscriptionsAt(world), { timeout: 10_000 }).toBe(1)
    ticks.push('9')
    const event = { ticks: { id: '9', name: '9' } }
    await expect.poll(() => seen).toEqual([event])
    await expect.poll(() => stream.events[0]?.data).toMatchObject({ data: event })
    await expect
      .poll(() => refused)
      .toMatchObject([[{ extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }]])
    await client.dispose()
  })

  test('are answered as the same documents sent, whatever is asked beside them', async () => {
    const anything = fc.record({
      text: fc.constantFrom(...LISTED.filter((text) => text !== TICKS)),
      operationName: fc.option(fc.constantFrom('A', 'B', 'Me', 'C', '')),
      variables: fc.option(fc.dictionary(fc.constantFrom('name', 'x'), fc.anything())),
      way: fc.constantFrom(...WAYS.map(([, headers]) => headers)),
    })
    const asked = fc.asyncProperty(anything, async ({ text, way, ...beside }) => {
      const headers = { ...way, 'x-request-id': 'same' }
      const sent = await post(world, { body: { query: text, ...beside }, headers })
      const named = await post(world, { body: { documentId: idOf(text), ...beside }, headers })
      expect(named).toEqual(sent)
    })
    await fc.assert(asked, { numRuns: 100 })
  })
})

describe('automatic persisted queries', () => {
  test.each(WAYS)('are missed, registered and then found, by %s', async (_way, headers) => {
    await using world = await startWorld().world
    const query = 'query Other { me { name books } }'
    const missed = await post(world, { body: persisted(hashOf(query)), headers })
    expect(missed).toMatchObject({ status: 404, code: 'PERSISTED_QUERY_NOT_FOUND' })
    expect(missed.error?.message).toBe('PersistedQueryNotFound')
    const registering = { query, ...persisted(hashOf(query)) }
    expect((await post(world, { body: registering, headers })).data).toEqual(DATA)
    expect((await post(world, { body: persisted(hashOf(query)), headers })).data).toEqual(DATA)
    const { extensions } = persisted(hashOf(query))
    const got = await get(world, { extensions: JSON.stringify(extensions) })
    expect(got).toMatchObject({ status: 200, data: DATA })
  })

  test('that are missed are an answer like any other to clients of plain JSON', async () => {
    await using world = await startWorld().world
    const headers = { accept: 'application/json' }
    const missed = await post(world, { body: persisted(hashOf('{ me { id } }')), headers })
    expect(missed).toMatchObject({ status: 200, code: 'PERSISTED_QUERY_NOT_FOUND' })
  })

  test.each(WAYS)('with a wrong hash are refused and never kept, by %s', async (_way, headers) => {
    await using world = await startWorld().world
    const victim = hashOf('{ me { id } }')
    const poisoned = { query: '{ me { name } }', ...persisted(victim) }
    const answer = await post(world, { body: poisoned, headers })
    expect(answer).toMatchObject({ status: 400, code: 'PERSISTED_QUERY_HASH_MISMATCH' })
    const odd = { query: '{ me { name } }', ...persisted('x-own:1') }
    expect((await post(world, { body: odd, headers })).code).toBe('PERSISTED_QUERY_HASH_MISMATCH')
    const asked = await post(world, { body: persisted(victim), headers })
    expect(asked.code).toBe('PERSISTED_QUERY_NOT_FOUND')
    const upper = { query: '{ me { id } }', ...persisted(victim.toUpperCase()) }
    expect((await post(world, { body: upper, headers })).code).toBe('PERSISTED_QUERY_HASH_MISMATCH')
  })

  test.each([
    ['another version', persisted(hashOf(ME), 2)],
    ['no version', persisted(hashOf(ME), null)],
    ['no hash', persisted(undefined)],
    ['a hash that is a number', persisted(7)],
    ['a text in its place', { extensions: { persistedQuery: 'abc' } }],
    ['a list in its place', { extensions: { persistedQuery: [1] } }],
  ])('of %s are not supported', async (_what, body) => {
    await using world = await startWorld().world
    const answer = await post(world, { body })
    expect(answer).toMatchObject({ status: 400, code: 'PERSISTED_QUERY_NOT_SUPPORTED' })
    expect(answer.error?.message).toBe('PersistedQueryNotSupported')
  })

  test('where they are off are not supported, and a document with its hash is executed', async () => {
    await using world = await startWorld({ apq: false }).world
    const query = 'query Other { me { name books } }'
    const body = persisted(hashOf(query))
    expect((await post(world, { body })).code).toBe('PERSISTED_QUERY_NOT_SUPPORTED')
    expect((await post(world, { body: { query, ...body } })).data).toEqual(DATA)
    expect((await post(world, { body })).code).toBe('PERSISTED_QUERY_NOT_SUPPORTED')
    expect((await post(world, { body: persisted(hashOf(ME)) })).data).toEqual(DATA)
  })

  test('outlive a swap of the supergraph, as documents by id do', async () => {
    await using world = await startWorld().world
    const query = 'query Other { me { name books } }'
    const body = persisted(hashOf(query))
    await post(world, { body: { query, ...body } })
    const { version } = await world.gateway.supergraph.swap(`${world.sdl}\n# another`)
    expect(world.gateway.supergraph.current().version).toBe(version)
    expect((await post(world, { body })).data).toEqual(DATA)
    expect((await post(world, { body: { documentId: idOf(ME) } })).data).toEqual(DATA)
  })

  test('are forgotten, the oldest first, when their room is full', async () => {
    await using world = await startWorld({ apqBytes: 32_000 }).world
    const queries = Array.from(
      { length: 60 },
      (_, index) => `query Q${index} { me { name books } }`,
    )
    for (const query of queries) await post(world, { body: { query, ...persisted(hashOf(query)) } })
    const codeFor = async (query = '') =>
      (await post(world, { body: persisted(hashOf(query)) })).code
    expect(await codeFor(queries[59])).toBeUndefined()
    const long = Array.from(
      { length: 40 },
      (_, index) => `query L${index} { me { ${'id '.repeat(200)} } }`,
    )
    for (const query of long) await post(world, { body: { query, ...persisted(hashOf(query)) } })
    expect(await codeFor(queries[0])).toBe('PERSISTED_QUERY_NOT_FOUND')
    expect(await codeFor(long[39])).toBeUndefined()
  })
})

describe('a safelist', () => {
  describe.each(WAYS)('by %s', (_way, headers) => {
    const UNLISTED = '{ me { name books } }'

    test('of ids or listed documents takes both, and nothing else', async () => {
      await using world = await startWorld({ safelist: 'ids-or-listed' }).world
      const ask = (body: object) => post(world, { body, headers })
      expect((await ask({ documentId: idOf(ME) })).data).toEqual(DATA)
      expect((await ask({ query: ME })).data).toEqual(DATA)
      expect((await ask({ query: `# spaced\n${ME}\n` })).data).toEqual(DATA)
      expect((await ask({ query: ME, ...persisted(hashOf(ME)) })).data).toEqual(DATA)
      expect((await ask(persisted(hashOf(ME)))).data).toEqual(DATA)
      const refused = await ask({ query: UNLISTED })
      expect(refused).toMatchObject({ status: 403, code: 'QUERY_NOT_IN_SAFELIST' })
      const unknown = await ask(persisted(hashOf(UNLISTED)))
      expect(unknown).toMatchObject({ status: 404, code: 'PERSISTED_QUERY_NOT_IN_LIST' })
      const registering = await ask({ query: UNLISTED, ...persisted(hashOf(UNLISTED)) })
      expect(registering.code).toBe('QUERY_NOT_IN_SAFELIST')
      expect((await ask(persisted(hashOf(UNLISTED)))).code).toBe('PERSISTED_QUERY_NOT_IN_LIST')
    })

    test('of ids alone takes no text at all', async () => {
      await using world = await startWorld({ safelist: 'ids-only' }).world
      const ask = (body: object) => post(world, { body, headers })
      expect((await ask({ documentId: idOf(ME) })).data).toEqual(DATA)
      expect((await ask(persisted(hashOf(ME)))).data).toEqual(DATA)
      const refused = await ask({ query: ME })
      expect(refused).toMatchObject({ status: 400, code: 'PERSISTED_QUERY_ID_REQUIRED' })
    })
  })

  test('holds for GET, event streams and WebSockets as well', async () => {
    await using world = await startWorld({ safelist: 'ids-only' }).world
    expect(await get(world, { query: ME })).toMatchObject({ code: 'PERSISTED_QUERY_ID_REQUIRED' })
    await using stream = await openEventStream(world.endpoint, { query: TICKS })
    expect(await stream.ended).toBe('complete')
    expect(JSON.stringify(stream.events[0]?.data)).toContain('PERSISTED_QUERY_ID_REQUIRED')
    const client = createClient({ url: world.websocket, webSocketImpl: WebSocket })
    const refused = await new Promise((resolve) => {
      client.subscribe(
        { query: TICKS },
        {
          next: () => undefined,
          error: resolve,
          complete: () => resolve('complete'),
        },
      )
    })
    expect(refused).toMatchObject([{ extensions: { code: 'PERSISTED_QUERY_ID_REQUIRED' } }])
    await client.dispose()
  })

  test('holds for other types of requests as well', async () => {
    await using world = await startWorld({ safelist: 'ids-only' }).world
    const headers = { 'apollo-require-preflight': '1' }
    for (const [type, body] of [
      ['application/graphql', ME],
      ['application/graphql+json', JSON.stringify({ query: ME })],
      ['application/x-www-form-urlencoded', new URLSearchParams({ query: ME }).toString()],
    ] as const) {
      const sent = { method: 'POST', headers: { ...headers, 'content-type': type }, body }
      expect(await (await fetch(world.endpoint, sent)).text()).toContain(
        'PERSISTED_QUERY_ID_REQUIRED',
      )
    }
  })

  test('of nothing is refused at the start', async () => {
    const starting = startStandaloneWorld({
      subgraphs: readersAndBooks().sources,
      settings: { documents: { safelist: 'ids-only' } },
    })
    await expect(starting).rejects.toMatchObject({ code: 'DOCUMENTS_INVALID' })
  })
})

describe('the manifest', () => {
  const write = (file: string, text: string) => {
    writeFileSync(`${file}.new`, text)
    renameSync(`${file}.new`, file)
  }

  test('that is not there, or wrong, is refused at the start', async () => {
    await expect(startWorld({}, join(folder, 'none.json')).world).rejects.toMatchObject({
      code: 'DOCUMENTS_INVALID',
    })
    const file = join(folder, 'wrong.json')
    write(file, '{"a":')
    await expect(startWorld({}, file).world).rejects.toMatchObject({ code: 'DOCUMENTS_INVALID' })
  })

  test('is exchanged while it is served; a wrong one is told and the old one stays', async () => {
    const file = join(folder, 'changing.json')
    write(file, JSON.stringify({ one: ME }))
    await using world = await startWorld({ pollIntervalMs: 200, manifestBytes: 5000 }, file).world
    const statusOf = async (documentId: string) =>
      (await post(world, { body: { documentId } })).status
    expect([await statusOf('one'), await statusOf('two')]).toEqual([200, 404])
    write(file, JSON.stringify({ two: ME }))
    await expect.poll(() => statusOf('two')).toBe(200)
    expect(await statusOf('one')).toBe(404)
    const { documents } = world.gateway.documents.manifest()
    expect(documents).toEqual([{ id: 'two', source: ME }])
    for (const wrong of ['{"two":', '{"two":"{ me {"}', `{"two":"${'#'.repeat(6000)}"}`]) {
      const told = () => world.logged.filter((line) => line.includes('were refused')).length
      const before = told()
      write(file, wrong)
      await until(() => told() > before)
      expect(await statusOf('two')).toBe(200)
    }
    expect(world.logged.join()).toContain('DOCUMENTS_INVALID')
    write(file, JSON.stringify({ three: ME }))
    await expect.poll(() => statusOf('three')).toBe(200)
  })
})
