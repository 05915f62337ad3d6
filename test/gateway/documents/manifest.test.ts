import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { isDocumentId } from '#gateway/documents/document-id.ts'
import { readManifest } from '#gateway/documents/manifest.ts'
import { createRegisteredDocuments } from '#gateway/documents/registered-documents.ts'
import { manifestOf } from '../../../codegen.ts'

const BOUNDS = { documents: 4, tokens: 100 }
const SOURCE = '{ me { id } }'
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')
const idOf = (text: string) => `sha256:${hashOf(text)}`
const read = (manifest: unknown) => readManifest(JSON.stringify(manifest), BOUNDS)
const apollo = (operations: unknown, more: object = {}) => ({
  ...{ format: 'apollo-persisted-query-manifest', version: 1, operations },
  ...more,
})

describe('ids of documents', () => {
  test.each([
    idOf(SOURCE),
    'x-app:anything at all'.replaceAll(' ', '.'),
    'x-app:a:b',
    'd41d8cd98f00b204e9800998ecf8427e',
    'constructor',
  ])('%s is one', (id) => {
    expect(isDocumentId(id)).toBe(true)
  })

  test.each([
    '',
    'sha256:',
    idOf(SOURCE).toUpperCase(),
    idOf(SOURCE).slice(0, -1),
    `${idOf(SOURCE)}0`,
    'sha512:aa',
    'md5:d41d8cd98f00b204e9800998ecf8427e',
    'x-app:',
    'two words',
    'a\n',
    'é',
    'a'.repeat(257),
    7,
    null,
    ['a'],
    { toString: () => 'a' },
  ])('%s is none', (id) => {
    expect(isDocumentId(id)).toBe(false)
  })
})

describe('a manifest', () => {
  test('gives documents by their ids and by their hashes, whatever it calls them', () => {
    const manifest = read({ [idOf(SOURCE)]: SOURCE, mine: '{ me { name } }', 'x-a:1': SOURCE })
    expect(manifest.sourceOf(idOf(SOURCE))).toBe(SOURCE)
    expect(manifest.sourceOf('x-a:1')).toBe(SOURCE)
    expect(manifest.sourceOf('mine')).toBe('{ me { name } }')
    expect(manifest.sourceOf(idOf('{ me { name } }'))).toBe('{ me { name } }')
    expect(manifest.sourceOf('other')).toBeUndefined()
    expect(manifest.documents).toEqual([
      { id: idOf(SOURCE), source: SOURCE },
      { id: 'mine', source: '{ me { name } }' },
    ])
  })

  test('may be the one of Apollo’s tools', () => {
    const id = hashOf(SOURCE)
    const manifest = read(apollo([{ id, body: SOURCE, name: 'Me', type: 'query' }]))
    expect([manifest.sourceOf(id), manifest.sourceOf(`sha256:${id}`)]).toEqual([SOURCE, SOURCE])
  })

  test('holds a document however it is spaced, and no other', () => {
    const manifest = read({ mine: 'query Me { me { id } }' })
    expect(manifest.holds('query Me { me { id } }')).toBe(true)
    expect(manifest.holds('# comment\nquery Me {\n  me { id, }\n}')).toBe(true)
    expect(manifest.holds('query Me { me { id name } }')).toBe(false)
    expect(manifest.holds('query Me { me {')).toBe(false)
    expect(manifest.holds('')).toBe(false)
  })

  test('knows nothing of prototypes', () => {
    const manifest = readManifest(`{"__proto__":"${SOURCE}"}`, BOUNDS)
    expect(manifest.sourceOf('__proto__')).toBe(SOURCE)
    expect(read({}).sourceOf('constructor')).toBeUndefined()
    expect(read({}).sourceOf('__proto__')).toBeUndefined()
  })

  test.each<[string, unknown]>([
    ['a list', []],
    ['a text', 'x'],
    ['null', null],
    ['an id that is none', { 'sha256:abc': SOURCE }],
    ['an empty id', { '': SOURCE }],
    ['a hash of another document', { [idOf('{ me { name } }')]: SOURCE }],
    ['a document that is no text', { mine: 1 }],
    ['a document that cannot be parsed', { mine: '{ me {' }],
    ['an empty document', { mine: '' }],
    ['a document of too many tokens', { mine: `{ me { ${'id '.repeat(100)} } }` }],
    ['a document deeper than the stack', { mine: '{ me '.repeat(99) }],
    ['too many documents', Object.fromEntries([1, 2, 3, 4, 5].map((id) => [`id${id}`, SOURCE]))],
    ['an unknown format', { format: 'other', version: 1, operations: [] }],
    ['a later version of Apollo’s', apollo([], { version: 2 })],
    ['operations that are no list', apollo({})],
    ['an operation that is no object', apollo([SOURCE])],
    ['an operation without id', apollo([{ body: SOURCE }])],
    [
      'two documents of one id',
      apollo([
        { id: 'a', body: SOURCE },
        { id: 'a', body: '{ me { name } }' },
      ]),
    ],
  ])('that is %s is refused', (_what, manifest) => {
    expect(() => read(manifest)).toThrow(expect.objectContaining({ code: 'DOCUMENTS_INVALID' }))
  })

  test('that is no JSON is refused', () => {
    expect(() => readManifest('{"a":', BOUNDS)).toThrow(
      expect.objectContaining({ code: 'DOCUMENTS_INVALID' }),
    )
  })
})

describe('registered documents', () => {
  test('stay within their bound, the ones used last', () => {
    const registered = createRegisteredDocuments(64_000)
    registered.register('first', SOURCE)
    for (let index = 0; index < 100; index++) {
      registered.register(`${index}`, `# ${index} ${'x'.repeat(500)}`)
      expect(registered.sourceOf('first')).toBe(SOURCE)
      expect(registered.bytes).toBeLessThanOrEqual(64_000)
    }
    expect(registered.sourceOf('0')).toBeUndefined()
    expect(registered.sourceOf('99')).toContain('# 99')
  })

  test('one that would drive out the others is not kept', () => {
    const registered = createRegisteredDocuments(64_000)
    registered.register('first', SOURCE)
    registered.register('large', 'x'.repeat(10_000))
    expect(registered.sourceOf('large')).toBeUndefined()
    expect(registered.sourceOf('first')).toBe(SOURCE)
  })
})

describe('the manifest of the platform’s operations', () => {
  const root = join(import.meta.dirname, '../../..')
  const sdl = readFileSync(join(root, 'schema/supergraph.graphql'), 'utf8')
  const file = (text: string) => [{ path: 'a.graphql', text }]

  test('is served, each document by its hash', () => {
    const text = readFileSync(join(root, 'schema/documents.json'), 'utf8')
    const { documents } = readManifest(text, { documents: 1000, tokens: 5000 })
    expect(documents.length).toBeGreaterThanOrEqual(9)
    for (const { id, source } of documents) expect(id).toBe(idOf(source))
  })

  test('is the same in whatever order files are read', () => {
    const one = { path: 'a.graphql', text: 'query A { me { id } }' }
    const other = { path: 'b.graphql', text: 'query B { me { displayName } }' }
    expect(manifestOf(sdl, [one, other])).toBe(manifestOf(sdl, [other, one]))
  })

  test.each([
    ['does not fit the schema', 'query A { nobody }'],
    ['has no name', '{ me { id } }'],
    ['stands beside another', 'query A { me { id } } query B { me { id } }'],
    ['is none', 'fragment F on User { id }'],
  ])('refuses an operation that %s', (_what, text) => {
    expect(() => manifestOf(sdl, file(text))).toThrow(/^a\.graphql: /)
  })

  test('refuses two operations of one name', () => {
    const files = [...file('query A { me { id } }'), ...file('query A { me { displayName } }')]
    expect(() => manifestOf(sdl, files)).toThrow('two operations of one name')
  })
})
