import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCacheNotes } from '#gateway/caching/cache-notes.ts'
import type { SubgraphSource } from '../../kit/federation.ts'
import { type PlatformWorld, startPlatformWorld } from '../../kit/gateway.ts'

const SHARES = `
  extend schema
    @link(url: "https://dbsbm.dev/shares/v1.0", import: ["@shares"])
    @federation__composeDirective(name: "@shares")
  directive @shares(by: String!) on FIELD_DEFINITION | OBJECT
`
const KEYED = 'type Book @key(fields: "id") '
const ID = 'id: ID! @shares(by: "everyone")'

type More = { cacheControl?: string; types?: string; resolvers?: object }

/** A subgraph of one question, with what it says of its answers. */
const saying = (
  name: string,
  { cacheControl, types = '', resolvers = {} }: More,
): SubgraphSource => ({
  name,
  typeDefs: `${SHARES} type Query { ${name}: Book @shares(by: "everyone") } ${KEYED} { ${ID} } ${types}`,
  resolvers: { Query: { [name]: () => ({ id: '1' }) }, ...resolvers },
  ...(cacheControl ? { cacheControl } : {}),
})

const SUBGRAPHS: SubgraphSource[] = [
  saying('minute', {
    cacheControl: 'max-age=60',
    types: `extend type Query { own: ID mayFail: ID @shares(by: "everyone")
      closed: ID @requiresScopes(scopes: [["users:read"]]) @shares(by: "everyone") }
      type Mutation { change: ID }`,
    resolvers: {
      Query: {
        minute: () => ({ id: '1' }),
        own: () => 'mine',
        closed: () => 'secret',
        mayFail: () => {
          throw new Error('fails')
        },
      },
      Mutation: { change: () => '1' },
    },
  }),
  saying('hour', { cacheControl: 'public, max-age=3600' }),
  saying('personal', { cacheControl: 'private, max-age=30' }),
  saying('never', { cacheControl: 'no-store' }),
  saying('silent', {}),
  {
    name: 'titles',
    typeDefs: `${SHARES} ${KEYED} { ${ID} title: String @shares(by: "everyone") }`,
    resolvers: {
      Book: { __resolveReference: ({ id }: object & { id: string }) => ({ id, title: 'One' }) },
    },
    cacheControl: 'max-age=10',
  },
]

const DOCUMENTS = {
  minute: '{ minute { id } }',
  least: '{ hour { id } minute { id } }',
  title: '{ hour { title } }',
  personal: '{ hour { id } personal { id } }',
  never: '{ hour { id } never { id } }',
  silent: '{ hour { id } silent { id } }',
  own: '{ minute { id } own }',
  closed: '{ closed }',
  partly: '{ minute { id } closed }',
  fails: '{ minute { id } mayFail }',
  schema: '{ minute { id } __schema { queryType { name } } }',
  typename: '{ __typename }',
  change: 'mutation { change }',
} as const
type Name = keyof typeof DOCUMENTS

const folder = mkdtempSync(join(tmpdir(), 'caching-'))
let world: PlatformWorld
let token: string
beforeAll(async () => {
  const documentsFile = join(folder, 'documents.json')
  writeFileSync(documentsFile, JSON.stringify(DOCUMENTS))
  world = await startPlatformWorld({ subgraphs: SUBGRAPHS, options: { documentsFile } })
  token = await world.identity.mint({ claims: { scope: 'users:read' } })
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

async function get(params: Record<string, string>, headers: Record<string, string> = {}) {
  const answer = await fetch(`${world.endpoint}?${new URLSearchParams(params)}`, {
    headers: { 'apollo-require-preflight': '1', accept: 'application/json', ...headers },
  })
  await answer.text()
  const { status } = answer
  return {
    status,
    kept: answer.headers.get('cache-control'),
    vary: answer.headers.get('vary') ?? '',
  }
}

describe('an answer by GET to nobody', () => {
  test.each<[Name, string]>([
    ['minute', 'public, max-age=60'],
    ['least', 'public, max-age=60'],
    ['title', 'public, max-age=10'],
    ['personal', 'private, max-age=30'],
    ['own', 'private, max-age=60'],
    ['never', 'no-store'],
    ['silent', 'no-store'],
    ['closed', 'no-store'],
    ['partly', 'no-store'],
    ['fails', 'no-store'],
    ['schema', 'no-store'],
    ['typename', 'no-store'],
    ['change', 'no-store'],
  ])('by the id %s is kept as %s', async (documentId, kept) => {
    expect((await get({ documentId })).kept).toBe(kept)
  })

  test('depends on who asks and on what is accepted', async () => {
    const { vary } = await get({ documentId: 'minute' })
    expect(vary.split(/,\s*/).toSorted()).toEqual(['accept', 'accept-encoding', 'authorization'])
  })

  test('to a document that was sent is kept by its asker alone', async () => {
    expect((await get({ query: DOCUMENTS.minute })).kept).toBe('private, max-age=60')
  })

  test('to a registered document may be kept by all', async () => {
    const query = 'query Registered { minute { id } }'
    const sha256Hash = createHash('sha256').update(query).digest('hex')
    const extensions = JSON.stringify({ persistedQuery: { version: 1, sha256Hash } })
    expect((await get({ extensions })).kept).toBe('no-store')
    expect((await get({ query, extensions })).kept).toBe('private, max-age=60')
    expect((await get({ extensions })).kept).toBe('public, max-age=60')
  })

  test('that is refused is not kept', async () => {
    expect((await get({ documentId: 'unknown' })).kept).toBe('no-store')
    expect((await get({ query: '{ nobody }' })).kept).toBe('no-store')
    expect((await get({ query: '{' })).kept).toBe('no-store')
  })
})

describe('whoever shows a credential', () => {
  test.each<[Name, string]>([
    ['minute', 'private, max-age=60'],
    ['closed', 'private, max-age=60'],
    ['silent', 'no-store'],
  ])('keeps %s for themselves, as %s', async (documentId, kept) => {
    expect((await get({ documentId }, { authorization: `Bearer ${token}` })).kept).toBe(kept)
  })

  test('that is refused keeps nothing', async () => {
    const answer = await get({ documentId: 'minute' }, { authorization: 'Bearer nonsense' })
    expect([answer.status, answer.kept]).toEqual([401, 'no-store'])
  })

  test('and asks beside others hears of its own life', async () => {
    const asked = Array.from({ length: 20 }, () => get({ documentId: 'minute' }))
    const answers = await Promise.all(asked)
    expect(new Set(answers.map(({ kept }) => kept))).toEqual(new Set(['public, max-age=60']))
  })
})

test.each([
  ['the short way', {}],
  ['the long way', { origin: 'https://page.example' }],
])('an answer to POST is kept by nobody, by %s', async (_way, more) => {
  const answer = await fetch(world.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...more },
    body: '{"documentId":"minute"}',
  })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('cache-control')).toBe('no-store')
})

describe('what parts of an answer say', () => {
  const policyOf = (...headers: (string | undefined)[]) => {
    const notes = createCacheNotes()
    for (const cacheControl of headers) notes.note({ cacheControl, sharing: 'everyone' })
    return notes.policy()
  }

  test.each([
    ['nothing', undefined],
    ['an empty text', ''],
    ['no age', 'public'],
    ['no time at all', 'max-age=0'],
    ['an age that is none', 'max-age=soon'],
    ['a negative age', 'max-age=-1'],
    ['an age with a fraction', 'max-age=1.5'],
    ['two ages', 'max-age=60, max-age=70'],
    ['not to be kept', 'max-age=60, no-store'],
    ['to be asked for again', 'No-Cache, max-age=60'],
    ['more than is read', `max-age=60, ${'x'.repeat(600)}`],
  ])('%s keeps nothing', (_what, header) => {
    expect(policyOf(header)).toBeNull()
    expect(policyOf('max-age=60', header)).toBeNull()
    expect(policyOf(header, 'max-age=60')).toBeNull()
  })

  test('an age beyond a year is a year', () => {
    expect(policyOf('max-age=9999999999')).toEqual({ maxAgeSeconds: 31_536_000, isPersonal: false })
  })

  test('no answer lives longer than any part, or is less personal', () => {
    const part = fc.record({
      age: fc.integer({ min: 1, max: 1000 }),
      isPrivate: fc.boolean(),
      sharing: fc.constantFrom('everyone' as const, 'tenant' as const, 'viewer' as const),
    })
    fc.assert(
      fc.property(fc.array(part, { minLength: 1 }), (parts) => {
        const notes = createCacheNotes()
        for (const { age, isPrivate, sharing } of parts) {
          notes.note({ cacheControl: `${isPrivate ? 'private, ' : ''}max-age=${age}`, sharing })
        }
        expect(notes.policy()).toEqual({
          maxAgeSeconds: Math.min(...parts.map(({ age }) => age)),
          isPersonal: parts.some(({ isPrivate, sharing }) => isPrivate || sharing !== 'everyone'),
        })
      }),
    )
  })
})
