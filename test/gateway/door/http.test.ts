import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GatewayWorld, startStandaloneWorld } from '../../kit/gateway.ts'
import { readersAndBooks } from '../../kit/readers-world.ts'

let world: GatewayWorld

beforeAll(async () => {
  world = await startStandaloneWorld({
    subgraphs: readersAndBooks().sources,
    settings: { exposeQueryPlan: true },
  })
})
afterAll(() => world[Symbol.asyncDispose]())

const codeOf = (body: { errors?: { extensions: Record<string, unknown> }[] }) =>
  body.errors?.[0]?.extensions.code

const post = (body: BodyInit, headers: Record<string, string> = {}) =>
  fetch(world.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })

const nested = (depth: number) =>
  `{ me { ${'friend { '.repeat(depth - 2)}id${' }'.repeat(depth - 1)} }`
const aliased = (count: number) =>
  `{ me { ${Array.from({ length: count }, (_, index) => `a${index}: id`).join(' ')} } }`

describe('a query', () => {
  test('crosses subgraphs', async () => {
    const { status, body } = await world.ask('{ me { name books } }')
    expect(status).toBe(200)
    expect(body).toEqual({ data: { me: { name: 'Ada', books: ['book of 1'] } } })
  })

  test('shows its plan to whoever asks for it, and to nobody else', async () => {
    const query = '{ me { books } }'
    const { body } = await world.ask(query, { headers: { 'x-dbsbm-query-plan': '1' } })
    expect(body.extensions?.queryPlan).toMatchObject({
      text: expect.stringContaining('Fetch(service: "books")'),
    })
    expect((await world.ask(query)).body.extensions).toBeUndefined()
  })

  test.each([
    ['application/graphql-response+json;q=0, application/json', 'application/json'],
    ['application/graphql-response+json;q=0.1, application/json;q=0.9', 'application/json'],
    [
      'application/json;q=0.5, application/graphql-response+json',
      'application/graphql-response+json',
    ],
    ['*/*;q=0.1, application/json', 'application/json'],
  ])('is answered as its client likes best: %s', async (accept, type) => {
    const { headers } = await world.ask('{ me { id } }', { headers: { accept } })
    expect(headers.get('content-type')).toContain(type)
  })

  test('answers with the request id it came with, or with one of its own', async () => {
    const named = await world.ask('{ me { id } }', { headers: { 'x-request-id': 'mine-1' } })
    expect(named.headers.get('x-request-id')).toBe('mine-1')
    const odd = await world.ask('{ me { id } }', { headers: { 'x-request-id': 'a b<script>' } })
    expect(odd.headers.get('x-request-id')).toMatch(/^[\w-]{22}$/)
  })

  test('reaches subgraphs with the request id and without any header of trust', async () => {
    await world.ask('{ me { id } }', {
      headers: {
        'x-request-id': 'trace-7',
        'x-dbsbm-service-token': 'dst1.e30.x',
        'x-user-id': '1',
      },
    })
    const headers = world.subgraphs.readers?.seen.at(-1)?.headers
    expect(headers?.get('x-request-id')).toBe('trace-7')
    expect(headers?.get('x-dbsbm-service-token')).toBeNull()
    expect(headers?.get('x-user-id')).toBeNull()
  })

  test('of something protected is answered with null beside the rest', async () => {
    const { status, body } = await world.ask('{ me { id } secret }')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      data: { me: { id: '1' }, secret: null },
      errors: [{ path: ['secret'], extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' } }],
    })
  })

  test('that fails in a subgraph says so without internal detail', async () => {
    const { body } = await world.ask('{ me { id } fails }')
    expect(body.data).toEqual({ me: { id: '1' }, fails: null })
    expect(JSON.stringify(body)).not.toContain('internal detail')
    expect(body.errors?.[0]?.extensions).toMatchObject({ subgraph: 'readers' })
  })
})

describe('what is no request', () => {
  test('malformed JSON is refused', async () => {
    const response = await post('{"query":"{ me {')
    expect(response.status).toBe(400)
    expect(codeOf(await response.json())).toBe('BAD_REQUEST')
  })

  test('a document that cannot be parsed is refused', async () => {
    const { status, body } = await world.ask('{ me {')
    expect([status, codeOf(body)]).toEqual([400, 'GRAPHQL_PARSE_FAILED'])
  })

  test('a field that does not exist is refused', async () => {
    const { status, body } = await world.ask('{ nobody }')
    expect([status, codeOf(body)]).toEqual([400, 'GRAPHQL_VALIDATION_FAILED'])
  })

  test('an unknown operation is refused', async () => {
    const { status, body } = await world.ask('query A { me { id } }', { operationName: 'B' })
    expect([status, codeOf(body)]).toEqual([400, 'OPERATION_UNKNOWN'])
  })

  test('a list of operations is refused', async () => {
    const response = await post('[{"query":"{ me { id } }"},{"query":"{ me { id } }"}]')
    expect([response.status, codeOf(await response.json())]).toEqual([
      400,
      'BATCHING_NOT_SUPPORTED',
    ])
  })

  test('a mutation by GET is refused', async () => {
    const query = encodeURIComponent('mutation { rename(name: "x") { id } }')
    const response = await fetch(`${world.endpoint}?query=${query}`, {
      headers: { 'apollo-require-preflight': '1' },
    })
    expect(response.status).toBe(405)
  })
})

describe('limits', () => {
  test('a body of 10 MB is refused, with its length or without', async () => {
    const large = `{"query":"${'a'.repeat(10_000_000)}"}`
    const measured = await post(large)
    expect([measured.status, codeOf(await measured.json())]).toEqual([413, 'BODY_TOO_LARGE'])
    const streamed = await fetch(world.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new Blob([large]).stream(),
      duplex: 'half',
    } as RequestInit)
    expect([streamed.status, codeOf(await streamed.json())]).toEqual([413, 'BODY_TOO_LARGE'])
  })

  test('1,000 aliases are refused, 50 are not', async () => {
    const refused = await world.ask(aliased(1000))
    expect([refused.status, codeOf(refused.body)]).toEqual([400, 'MAX_ALIASES_LIMIT'])
    expect((await world.ask(aliased(50))).status).toBe(200)
    const schemas = Array.from({ length: 51 }, (_, index) => `a${index}: types { name }`)
    const asked = await world.ask(`{ __schema { ${schemas.join(' ')} } }`)
    expect([asked.status, codeOf(asked.body)]).toEqual([400, 'MAX_ALIASES_LIMIT'])
    expect((await world.ask('{ __schema { types { name } } }')).status).toBe(200)
  })

  test('a depth of 16 is refused, 15 is not', async () => {
    const refused = await world.ask(nested(16))
    expect([refused.status, codeOf(refused.body)]).toEqual([400, 'MAX_DEPTH_LIMIT'])
    expect((await world.ask(nested(15))).status).toBe(200)
  })

  test('a document deeper than the stack is refused', async () => {
    const { status, body } = await world.ask(`{ me ${'{ friend '.repeat(7000)}`)
    expect(status).toBe(400)
    expect(codeOf(body)).toMatch(/^(MAX_DEPTH_LIMIT|GRAPHQL_PARSE_FAILED)$/)
  })

  test('too many root fields and too many tokens are refused', async () => {
    const roots = Array.from({ length: 21 }, () => 'me { id }').join(' ')
    expect(codeOf((await world.ask(`{ ${roots} }`)).body)).toBe('MAX_ROOT_FIELDS_LIMIT')
    const long = `{ me { ${'id '.repeat(16_000)} } }`
    expect(codeOf((await world.ask(long)).body)).toBe('MAX_TOKENS_LIMIT')
  })

  test('fragments that double from one to the next are refused at once', async () => {
    const fragments = Array.from(
      { length: 40 },
      (_, index) => `fragment F${index} on Reader { ...F${index + 1} ...F${index + 1} }`,
    )
    const started = performance.now()
    const { body } = await world.ask(
      `{ me { ...F0 } } ${fragments.join(' ')} fragment F40 on Reader { id }`,
    )
    expect(codeOf(body)).toBe('MAX_HEIGHT_LIMIT')
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

describe('pages of others', () => {
  test('cannot make a browser send an operation without asking first', async () => {
    const plain = await post('{"query":"{ me { id } }"}', { 'content-type': 'text/plain' })
    expect([plain.status, codeOf(await plain.json())]).toEqual([403, 'CSRF_REFUSED'])
    const query = `${world.endpoint}?query=${encodeURIComponent('{ me { id } }')}`
    expect((await fetch(query)).status).toBe(403)
    expect((await fetch(query, { headers: { 'content-type': 'application/json' } })).status).toBe(
      403,
    )
    const asked = await fetch(query, { headers: { 'apollo-require-preflight': '1' } })
    expect(await asked.json()).toEqual({ data: { me: { id: '1' } } })
  })

  test('are told nothing about other origins unless the setting names them', async () => {
    const silent = await world.ask('{ me { id } }', { headers: { origin: 'https://page.test' } })
    expect(silent.headers.get('access-control-allow-origin')).toBeNull()
    await using open = await startStandaloneWorld({
      subgraphs: readersAndBooks().sources,
      settings: { corsOrigins: ['https://page.test'] },
    })
    const named = await open.ask('{ me { id } }', { headers: { origin: 'https://page.test' } })
    expect(named.headers.get('access-control-allow-origin')).toBe('https://page.test')
    const asked = await fetch(open.endpoint, {
      method: 'OPTIONS',
      headers: { origin: 'https://page.test', 'access-control-request-method': 'POST' },
    })
    expect(asked.status).toBe(204)
    expect(asked.headers.get('access-control-allow-origin')).toBe('https://page.test')
    const other = await open.ask('{ me { id } }', { headers: { origin: 'https://other.test' } })
    expect(other.headers.get('access-control-allow-origin')).not.toBe('https://other.test')
  })
})

describe('around the endpoint', () => {
  test('/health and /ready answer, /metrics counts', async () => {
    expect(await (await fetch(`${world.url}/health`)).json()).toEqual({ status: 'alive' })
    expect((await fetch(`${world.url}/ready`)).status).toBe(200)
    await world.ask('{ me { id } }')
    const metrics = await (await fetch(`${world.url}/metrics`)).text()
    expect(metrics).toMatch(/request_seconds_count\{operation="query",outcome="ok"\} \d+/)
    expect(metrics).toMatch(/fetch_seconds_count\{subgraph="readers",outcome="ok"\} \d+/)
  })

  test('the schema is hidden where introspection is off', async () => {
    const query = '{ __schema { queryType { name } } }'
    expect((await world.ask(query)).status).toBe(200)
    await using closed = await startStandaloneWorld({
      subgraphs: readersAndBooks().sources,
      settings: { introspection: false },
    })
    expect(codeOf((await closed.ask(query)).body)).toBe('GRAPHQL_VALIDATION_FAILED')
  })

  test('an answer is neither framed, sniffed nor cached', async () => {
    const { headers } = await world.ask('{ me { id } }')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('cache-control')).toBe('no-store')
  })
})
