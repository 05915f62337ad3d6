import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client'
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries'
import { print } from 'graphql'
import { afterAll, describe, expect, test } from 'vitest'
import type { SettingsOverride } from '#gateway/settings.ts'
import { startStandaloneWorld } from '../../kit/gateway.ts'
import { readersAndBooks } from '../../kit/readers-world.ts'

const folder = mkdtempSync(join(tmpdir(), 'apollo-client-'))
afterAll(() => rmSync(folder, { recursive: true }))

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')

/** As Apollo Client sends it: with the types of what has parts. */
const BOOKS = gql`
  query Books {
    me {
      id
      books
      __typename
    }
  }
`
const DATA = { me: { __typename: 'Reader', id: '1', books: ['book of 1'] } }

type Sent = { method: string; hasQuery: boolean; status: number; encoding: string | null }

/** A client whose requests are looked at on their way. */
function openClient(uri: string, ids: PersistedQueryLink.Options) {
  const sent: Sent[] = []
  const watched: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init)
    const asked = `${decodeURIComponent(String(input))}${init?.body ?? ''}`
    const { status, headers } = answer
    const hasQuery = asked.includes('query Books')
    const encoding = headers.get('content-encoding')
    sent.push({ method: init?.method ?? 'GET', hasQuery, status, encoding })
    return answer
  }
  const headers = { 'apollo-require-preflight': '1' }
  const link = ApolloLink.from([
    new PersistedQueryLink(ids),
    new HttpLink({ uri, fetch: watched, headers }),
  ])
  const client = new ApolloClient({ link, cache: new InMemoryCache() })
  const books = async () => {
    const { data } = await client.query({ query: BOOKS, fetchPolicy: 'network-only' })
    return data
  }
  return { sent, books }
}

const sha256 = async (text: string) => hashOf(text)

const startWorld = (documents: SettingsOverride['documents'], manifest?: object) => {
  const documentsFile = join(folder, 'documents.json')
  if (manifest) writeFileSync(documentsFile, JSON.stringify(manifest))
  return startStandaloneWorld({
    subgraphs: readersAndBooks().sources,
    settings: { documents: documents ?? {} },
    options: manifest ? { documentsFile } : {},
  })
}

describe.each([
  ['POST', false],
  ['GET', true],
] as const)('Apollo Client by %s', (method, useGETForHashedQueries) => {
  test('registers a document once, and sends its hash from then on', async () => {
    await using world = await startWorld({})
    const { books, sent } = openClient(world.endpoint, { sha256, useGETForHashedQueries })
    expect([await books(), await books()]).toEqual([DATA, DATA])
    expect(sent).toMatchObject([
      { method, hasQuery: false, status: 404 },
      { hasQuery: true, status: 200 },
      { method, hasQuery: false, status: 200 },
    ])
  })

  test('goes on with whole documents where nothing may be registered', async () => {
    await using world = await startWorld({ apq: false })
    const { books, sent } = openClient(world.endpoint, { sha256, useGETForHashedQueries })
    expect([await books(), await books()]).toEqual([DATA, DATA])
    expect(sent).toMatchObject([
      { method, hasQuery: false, status: 400 },
      { hasQuery: true, status: 200 },
      { hasQuery: true, status: 200 },
    ])
  })

  test('asks by the ids of its manifest where nothing else is taken', async () => {
    const id = hashOf(print(BOOKS))
    const operations = [{ id, name: 'Books', type: 'query', body: print(BOOKS) }]
    const manifest = { format: 'apollo-persisted-query-manifest', version: 1, operations }
    await using world = await startWorld({ safelist: 'ids-only' }, manifest)
    const generateHash = () => id
    const { books, sent } = openClient(world.endpoint, { generateHash, useGETForHashedQueries })
    expect(await books()).toEqual(DATA)
    expect(sent).toMatchObject([{ method, hasQuery: false, status: 200 }])
  })
})
