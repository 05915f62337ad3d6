import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { GatewaySettings } from '#gateway/settings.ts'
import { type GatewayWorld, startStandaloneWorld } from '../../kit/gateway.ts'
import { openEventStream } from '../../kit/live-clients.ts'
import { readersAndBooks } from '../../kit/readers-world.ts'

const JSON_TYPE = 'application/json'
const ANSWER_TYPE = 'application/graphql-response+json'

const WITH = 'query ($with: Boolean!) { me { id @include(if: $with) } }'
const nested = `{ me ${'{ friend '.repeat(40)}{ id }${' }'.repeat(40)} }`

/** What is asked; the status by the audits for both types, and by the draft. */
const ASKED: readonly [string, string, { audits: [number, number]; draft: number }][] = [
  ['data', '{"query":"{ me { id } }"}', { audits: [200, 200], draft: 200 }],
  ['data beside errors', '{"query":"{ me { id } fails }"}', { audits: [200, 200], draft: 294 }],
  ['no data beside errors', '{"query":"{ secret }"}', { audits: [200, 200], draft: 294 }],
  ['half of JSON', '{"query":', { audits: [400, 400], draft: 400 }],
  ['no JSON', 'NONSENSE', { audits: [400, 400], draft: 400 }],
  ['another word', '{"qeury":"{ me { id } }"}', { audits: [400, 400], draft: 422 }],
  [
    'a list of variables',
    '{"query":"{ me { id } }","variables":[7]}',
    { audits: [400, 400], draft: 422 },
  ],
  ['half a document', '{"query":"{"}', { audits: [200, 400], draft: 400 }],
  ['an unknown field', '{"query":"{ nobody }"}', { audits: [200, 400], draft: 422 }],
  [
    'an unknown operation',
    '{"query":"query A { me { id } }","operationName":"B"}',
    { audits: [400, 400], draft: 422 },
  ],
  [
    'a wrong variable',
    JSON.stringify({ query: WITH, variables: { with: 7 } }),
    { audits: [200, 400], draft: 422 },
  ],
  ['too deep a document', JSON.stringify({ query: nested }), { audits: [400, 400], draft: 422 }],
  ['an unknown document', '{"documentId":"none"}', { audits: [404, 404], draft: 404 }],
  ['no id', '{"documentId":7}', { audits: [400, 400], draft: 422 }],
  [
    'a text with NUL',
    '{"query":"{ me { id } a: mine(x: \\"\\\\u0000\\") }"}',
    { audits: [400, 400], draft: 422 },
  ],
]

const startWorld = (httpStatus: GatewaySettings['httpStatus']) =>
  startStandaloneWorld({ subgraphs: readersAndBooks().sources, settings: { httpStatus } })

const WAYS: readonly [string, Record<string, string>][] = [
  ['the short way', {}],
  ['the long way', { origin: 'https://page.example' }],
]

describe.each(['audits', 'draft-2026-08'] as const)('by the rules of %s', (rules) => {
  let world: GatewayWorld
  beforeAll(async () => {
    world = await startWorld(rules)
  })
  afterAll(() => world[Symbol.asyncDispose]())

  const post = (body: string, headers: Record<string, string>) =>
    fetch(world.endpoint, {
      method: 'POST',
      body,
      headers: { 'content-type': JSON_TYPE, ...headers },
    })

  describe.each(WAYS)('%s', (_way, headers) => {
    test.each(ASKED)('%s', async (_what, body, { audits, draft }) => {
      const types = [JSON_TYPE, ANSWER_TYPE] as const
      for (const [index, accept] of types.entries()) {
        const answer = await post(body, { ...headers, accept })
        const expected = rules === 'audits' ? audits[index] : draft
        expect(answer.status, accept).toBe(expected)
        const isRefused = rules !== 'audits' && draft >= 400
        const type = isRefused ? ANSWER_TYPE : accept
        expect(answer.headers.get('content-type')).toBe(`${type}; charset=utf-8`)
        expect(await answer.text()).not.toContain('"http"')
      }
    })
  })

  test('a change by GET is 405, and says what is allowed', async () => {
    const query = encodeURIComponent('mutation { rename(name: "x") { id } }')
    const answer = await fetch(`${world.endpoint}?query=${query}`, {
      headers: { 'apollo-require-preflight': '1', accept: ANSWER_TYPE },
    })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
  })

  test('who is not let in stays 401', async () => {
    const headers = { accept: JSON_TYPE, authorization: 'Bearer nonsense' }
    const answer = await post('{"query":"{ me { id } }"}', headers)
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toContain('invalid_token')
  })

  test('an event stream opens with 200', async () => {
    await using stream = await openEventStream(world.endpoint, { query: 'subscription { nobody }' })
    expect(stream.status).toBe(200)
    await stream.ended
    expect(JSON.stringify(stream.events[0]?.data)).toContain('GRAPHQL_VALIDATION_FAILED')
  })
})
