import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { gatewayError } from '#gateway/errors.ts'
import { type GatewayWorld, startStandaloneWorld } from '../../kit/gateway.ts'
import { startHttpServer } from '../../kit/http-server.ts'
import { openSocketClient } from '../../kit/live-clients.ts'
import { readersAndBooks } from '../../kit/readers-world.ts'

let world: GatewayWorld

beforeAll(async () => {
  world = await startStandaloneWorld({ subgraphs: readersAndBooks().sources })
})
afterAll(() => world[Symbol.asyncDispose]())

const JSON_TYPE = { 'content-type': 'application/json' }
const PREFLIGHT = { 'apollo-require-preflight': '1' }
const MUTATION = `?query=${encodeURIComponent('mutation { rename(name: "x") { id } }')}`
const RENAME = 'mutation Rename($name: String!) { rename(name: $name) { name } }'

type Refusal = { errors: { message: string; extensions: { code: string }; locations?: unknown }[] }

async function refusalOf(response: Response) {
  const { errors } = (await response.json()) as Refusal
  return { status: response.status, code: errors[0]?.extensions.code, error: errors[0] }
}

const post = (body: string, headers: Record<string, string> = {}) =>
  fetch(world.endpoint, { method: 'POST', headers: { ...JSON_TYPE, ...headers }, body })

describe('every refusal carries a code of the catalogue and a sentence', () => {
  test.each([
    ['malformed JSON', () => post('{"q'), 400, 'BAD_REQUEST'],
    [
      'a list of operations',
      () => post('[{"query":"{ me { id } }"}]'),
      400,
      'BATCHING_NOT_SUPPORTED',
    ],
    ['no query', () => post('{}'), 400, 'BAD_REQUEST'],
    [
      'a mutation by GET',
      () => fetch(`${world.endpoint}${MUTATION}`, { headers: PREFLIGHT }),
      405,
      'BAD_REQUEST',
    ],
    ['no document', () => post('{"query":"{ me {"}'), 200, 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', () => post('{"query":"{ nobody }"}'), 200, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'a variable of the wrong type',
      () => post(JSON.stringify({ query: RENAME, variables: { name: 1 } })),
      200,
      'BAD_USER_INPUT',
    ],
    [
      'a body that is no JSON',
      () => post('{}', { ...PREFLIGHT, 'content-type': 'text/plain' }),
      415,
      'BAD_REQUEST',
    ],
    [
      'an answer that nobody can give',
      () => post('{"query":"{ me { id } }"}', { accept: 'image/png' }),
      406,
      'BAD_REQUEST',
    ],
  ] as const)('%s', async (_what, asked, status, code) => {
    const refusal = await refusalOf(await asked())
    expect(refusal).toMatchObject({ status, code })
    expect(Object.keys(gatewayError.catalogue)).toContain(code)
    expect(refusal.error?.message).toMatch(/\w/)
  })

  test('and errors of validation say where, over both doors', async () => {
    const { error } = await refusalOf(await post('{"query":"{ nobody }"}'))
    expect(error?.locations).toEqual([{ line: 1, column: 3 }])
    using socket = openSocketClient(world.websocket)
    expect(await socket.subscribe('{ nobody }').ended).toMatchObject([
      {
        locations: [{ line: 1, column: 3 }],
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
      },
    ])
  })
})

describe('around the endpoint', () => {
  test.each(['PUT', 'DELETE', 'PATCH'])('%s is no method of it', async (method) => {
    const response = await fetch(world.endpoint, { method, headers: JSON_TYPE })
    expect(response.headers.get('allow')).toBe('GET, POST')
    expect(await refusalOf(response)).toMatchObject({ status: 405, code: 'METHOD_NOT_ALLOWED' })
  })

  test('an unknown path is said to be none', async () => {
    for (const path of ['/nope', '/']) {
      const response = await fetch(`${world.url}${path}`)
      expect(await refusalOf(response)).toMatchObject({ status: 404, code: 'PATH_UNKNOWN' })
    }
  })

  test.each(['a b', '[', 'x:99999999'])('a host of %j is a bad request', async (host) => {
    const { hostname, port } = new URL(world.url)
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>()
    const asked = request({ hostname, port, path: '/graphql', headers: { host } }, (answer) => {
      let text = ''
      answer.on('data', (chunk) => {
        text += chunk
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
    })
    asked.once('error', reject).end()
    const { status, text } = await promise
    expect(status).toBe(400)
    expect((JSON.parse(text) as Refusal).errors[0]?.extensions.code).toBe('BAD_REQUEST')
  })
})

describe('a text with NUL', () => {
  test.each([
    ['in a variable', { query: RENAME, variables: { name: 'a\0b' } }],
    ['deep in a variable', { query: RENAME, variables: { name: 'a', more: [{ b: ['\0'] }] } }],
    ['as a name in a variable', { query: RENAME, variables: { name: 'a', '\0': 1 } }],
    ['in the document', { query: 'mutation { rename(name: "a\\u0000b") { name } }' }],
  ])('%s is refused', async (_where, body) => {
    const response = await post(JSON.stringify(body))
    expect(await refusalOf(response)).toMatchObject({ status: 400, code: 'TEXT_INVALID' })
  })

  test('is refused over a WebSocket, and one without it is taken', async () => {
    using socket = openSocketClient(world.websocket)
    const query = 'mutation { rename(name: "a\\u0000b") { name } }'
    expect(await socket.subscribe(query).ended).toMatchObject([
      { extensions: { code: 'TEXT_INVALID' } },
    ])
    const { body } = await world.ask('mutation { rename(name: "\\u00e4\\n") { name } }')
    expect(body.data).toEqual({ rename: { name: 'ä\n' } })
  })
})

describe('a subgraph that refuses the gateway itself', () => {
  test.each([401, 403])('by %i is named in the log, with its code', async (status) => {
    await using server = await startHttpServer((_request, response) => {
      const body = JSON.stringify({ code: 'SERVICE_TOKEN_FOREIGN', message: 'internal words' })
      response.writeHead(status, { 'content-type': 'application/json' }).end(body)
    })
    await using refused = await startStandaloneWorld({
      subgraphs: readersAndBooks().sources,
      rewrite: (sdl) => sdl.replace(/(name: "books", url: ")[^"]+/, `$1${server.url}`),
    })
    const { body } = await refused.ask('{ me { books } }')
    expect(body.errors).toMatchObject([{ extensions: { code: 'SUBGRAPH_ANSWER_INVALID' } }])
    expect(JSON.stringify(body)).not.toMatch(/SERVICE_TOKEN|internal words/)
    const line = refused.logged.find((entry) => entry.includes('SUBGRAPH_ANSWER_INVALID'))
    expect(line).toContain('SERVICE_TOKEN_FOREIGN')
    expect(line).toContain(`"status":${status}`)
  })
})

describe('/metrics', () => {
  test('is answered where the setting says so, and else is no path', async () => {
    expect((await fetch(`${world.url}/metrics`)).status).toBe(200)
    await using closed = await startStandaloneWorld({
      subgraphs: readersAndBooks().sources,
      settings: { metrics: false },
    })
    const refusal = await refusalOf(await fetch(`${closed.url}/metrics`))
    expect(refusal).toMatchObject({ status: 404, code: 'PATH_UNKNOWN' })
  })
})
