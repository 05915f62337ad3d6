import { serverAudits } from 'graphql-http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GatewayWorld, startStandaloneWorld } from '../../kit/gateway.ts'
import { readersAndBooks } from '../../kit/readers-world.ts'

let world: GatewayWorld

beforeAll(async () => {
  world = await startStandaloneWorld({ subgraphs: readersAndBooks().sources })
})
afterAll(() => world[Symbol.asyncDispose]())

/** What no audit says, and this gateway wants of requests that a page could make a browser send. */
const PREFLIGHT = { 'apollo-require-preflight': '1' }

const WAYS = [
  { way: 'plain requests', headers: PREFLIGHT },
  { way: 'requests of pages', headers: { ...PREFLIGHT, origin: 'https://page.example' } },
]

describe.each(WAYS)('GraphQL over HTTP, as graphql-http audits it: $way', ({ headers }) => {
  const sent: typeof fetch = (input, init) => {
    const all = new Headers(init?.headers)
    for (const [name, value] of Object.entries(headers)) all.set(name, value)
    return fetch(input, { ...init, headers: all })
  }
  const audits = serverAudits({ url: () => world.endpoint, fetchFn: sent })

  test('has audits', () => {
    expect(audits.length).toBeGreaterThan(50)
  })

  test.each(audits.map((audit) => [audit.name, audit] as const))('%s', async (_name, audit) => {
    const { status, ...found } = await audit.fn()
    expect({ status, reason: 'reason' in found ? found.reason : '' }).toEqual({
      status: 'ok',
      reason: '',
    })
  })
})
