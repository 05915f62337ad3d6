import { request as sendRequest } from 'node:http'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { acceptedEncoding } from '#gateway/compression/accepted-encoding.ts'
import { createCompressor } from '#gateway/compression/compressor.ts'
import { type GatewayWorld, startStandaloneWorld } from '../../kit/gateway.ts'
import { openEventStream } from '../../kit/live-clients.ts'
import { readersAndBooks } from '../../kit/readers-world.ts'

const LONG = Array.from({ length: 500 }, (_, index) => `line ${index} of a long book`)

const shelf = {
  name: 'shelf',
  typeDefs:
    'type Query { lines(most: Int!): [String!] } type Mutation { write(most: Int!): [String!] }',
  resolvers: {
    Query: { lines: (_root: unknown, { most }: { most: number }) => LONG.slice(0, most) },
    Mutation: { write: (_root: unknown, { most }: { most: number }) => LONG.slice(0, most) },
  },
}

const startWorld = (isOn = true) =>
  startStandaloneWorld({
    subgraphs: [...readersAndBooks().sources, shelf],
    settings: { compression: { isOn }, mostOperations: 3 },
  })

let world: GatewayWorld
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

type Received = { status: number; headers: Record<string, unknown>; bytes: Buffer }

/** Without `fetch`, which decodes what it receives and asks for encodings by itself. */
function post(
  to: GatewayWorld,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Received> {
  const text = JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const sent = sendRequest(
      to.endpoint,
      {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          'content-length': Buffer.byteLength(text),
          'x-request-id': 'same',
          ...headers,
        },
      },
      (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('end', () => {
          const { statusCode: status = 0, headers } = answer
          resolve({ status, headers, bytes: Buffer.concat(chunks) })
        })
      },
    )
    sent.on('error', reject)
    sent.end(text)
  })
}

const READ = { query: 'query ($most: Int!) { lines(most: $most) }', variables: { most: 500 } }
const ANSWER = JSON.stringify({ data: { lines: LONG } })
const WAYS: readonly [string, Record<string, string>][] = [
  ['the short way', {}],
  ['the long way', { origin: 'https://page.example' }],
]

describe('the encoding of an answer', () => {
  test.each([
    ['gzip', 'gzip'],
    ['gzip, deflate', 'gzip'],
    ['gzip, deflate, br', 'br'],
    ['gzip, deflate, br, zstd', 'br'],
    ['GZIP', 'gzip'],
    ['x-gzip', 'gzip'],
    ['br;q=0.5, gzip;q=0.8', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['*', 'br'],
    ['*;q=0.1, br;q=0', 'gzip'],
    ['identity;q=0, gzip;q=0.001', 'gzip'],
    ['identity, gzip;q=0.5', null],
    ['identity', null],
    ['deflate', null],
    ['gzip;q=0', null],
    ['*;q=0', null],
    ['gzip;q=x', null],
    ['gzip;q=2', null],
    ['', null],
    [null, null],
    [undefined, null],
    [`gzip, ${'a'.repeat(300)}`, null],
  ])('by %s is %s', (header, encoding) => {
    expect(acceptedEncoding(header)).toBe(encoding)
  })
})

describe.each(WAYS)('by %s', (_way, headers) => {
  test.each([
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ] as const)('a long answer is sent as %s', async (encoding, decode) => {
    const answer = await post(world, READ, { ...headers, 'accept-encoding': encoding })
    expect(answer.headers).toMatchObject({
      'content-encoding': encoding,
      'content-length': String(answer.bytes.length),
      'content-type': 'application/json; charset=utf-8',
      vary: 'accept-encoding',
      'x-request-id': 'same',
      'x-content-type-options': 'nosniff',
    })
    expect(answer.bytes.length).toBeLessThan(ANSWER.length / 3)
    expect(decode(answer.bytes).toString()).toBe(ANSWER)
  })

  test.each<[string, object, Record<string, string>]>([
    ['nobody asked for', READ, {}],
    ['is taken as it is alone', READ, { 'accept-encoding': 'identity' }],
    ['is short', { ...READ, variables: { most: 3 } }, { 'accept-encoding': 'gzip' }],
    [
      'is of a change, and may hold a secret',
      { query: 'mutation { write(most: 500) }' },
      { 'accept-encoding': 'gzip, br' },
    ],
  ])('what %s is sent as it is', async (_what, body, more) => {
    const answer = await post(world, body, { ...headers, ...more })
    expect(answer.status).toBe(200)
    expect(answer.headers['content-encoding']).toBeUndefined()
    expect(answer.headers.vary).toBe('accept-encoding')
    expect(answer.bytes.toString()).toMatch(/^\{"data":\{"(lines|write)":\["line 0 of/)
  })

  test('errors beside a long answer are compressed with it', async () => {
    const body = { query: '{ lines(most: 500) fails }' }
    const answer = await post(world, body, { ...headers, 'accept-encoding': 'gzip' })
    const { data, errors } = JSON.parse(gunzipSync(answer.bytes).toString())
    expect([data.lines.length, errors.length]).toEqual([500, 1])
  })

  test('a list that holds a change is sent as it is, one that reads compressed', async () => {
    const change = { query: 'mutation { write(most: 1) }' }
    const accepting = { ...headers, 'accept-encoding': 'gzip' }
    const changed = await post(world, [READ, change], accepting)
    expect(changed.headers['content-encoding']).toBeUndefined()
    const read = await post(world, [READ, READ], accepting)
    expect(read.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(read.bytes).toString()).toBe(`[${ANSWER},${ANSWER}]`)
  })

  test('nothing is, where it is off', async () => {
    await using plain = await startWorld(false)
    const answer = await post(plain, READ, { ...headers, 'accept-encoding': 'gzip' })
    expect([answer.headers['content-encoding'], answer.headers.vary]).toEqual([
      undefined,
      undefined,
    ])
    expect(answer.bytes.toString()).toBe(ANSWER)
  })
})

test('origins stay named beside encodings', async () => {
  const corsOrigins = ['https://page.example', 'https://other.example']
  await using open = await startStandaloneWorld({
    subgraphs: [shelf],
    settings: { corsOrigins },
  })
  const headers = { origin: 'https://page.example', 'accept-encoding': 'gzip' }
  const answer = await post(open, READ, headers)
  expect(answer.headers.vary).toMatch(/^origin, accept-encoding$/i)
  expect(answer.headers['content-encoding']).toBe('gzip')
})

test('event streams are not compressed', async () => {
  const { sources, ticks } = readersAndBooks()
  await using live = await startStandaloneWorld({ subgraphs: sources })
  const accepting = { 'accept-encoding': 'gzip, br' }
  await using stream = await openEventStream(
    live.endpoint,
    { query: 'subscription { ticks { id name } }' },
    accepting,
  )
  await expect.poll(() => ticks.listeners).toBe(1)
  ticks.push('1'.repeat(10_000))
  await expect.poll(() => stream.events.length).toBe(1)
})

test('beyond its bound at once a compressor leaves answers as they are', async () => {
  const compressor = createCompressor({ isOn: true, leastBytes: 10, mostAtOnce: 2 })
  const bytes = Buffer.from('a'.repeat(100))
  const [one, two] = [compressor.encode(bytes, 'gzip'), compressor.encode(bytes, 'br')]
  expect(compressor.choose('gzip', 100)).toBeNull()
  expect(gunzipSync((await one)?.bytes ?? bytes)).toEqual(bytes)
  expect(brotliDecompressSync((await two)?.bytes ?? bytes)).toEqual(bytes)
  expect(compressor.choose('gzip', 100)).toBe('gzip')
  expect(compressor.choose('gzip', 9)).toBeNull()
  // What grows is sent as it was.
  expect(await compressor.encode(Buffer.from([1, 2, 3]), 'gzip')).toBeNull()
})
