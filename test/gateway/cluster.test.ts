import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openClusterGateway } from '#gateway/cluster.ts'
import { deriveServiceKeys, masterSecretOf } from '#kernel/auth/service-keys.ts'
import type { SubgraphName } from '#kernel/auth/service-names.ts'
import { systemClock } from '#kernel/clock.ts'
import { readConfig } from '#kernel/config.ts'
import { newOperatorKeyText, parseOperatorKeys } from '#kernel/crypto/operator-key.ts'
import { createRingFront } from '#kernel/events/ring-front.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { listen } from '#kernel/serve/listen.ts'
import { openService } from '#kernel/serve/open-service.ts'
import type { Subgraph } from '#kernel/service/subgraph.ts'
import type { SubgraphFetch } from '#kernel/service/subgraph-fetch.ts'
import { ai } from '#subgraphs/ai/subgraph.ts'
import { analytics } from '#subgraphs/analytics/subgraph.ts'
import { identity } from '#subgraphs/identity/subgraph.ts'
import { tenancy } from '#subgraphs/tenancy/subgraph.ts'
import { askAt, signInAt } from '../kit/ask-at.ts'
import { silentLog } from '../kit/database.ts'
import { freePort } from '../kit/free-port.ts'
import { startHttpServer } from '../kit/http-server.ts'

const SECRET = randomBytes(32).toString('hex')
const OPERATOR = { email: 'first@platform.example', password: 'a good long secret' }
/** A gateway looks each two seconds. */
const SEEN = { timeout: 15_000, interval: 100 }

const stack = new AsyncDisposableStack()
const urls = new Map<SubgraphName, string>()
let gatewayUrl: string

/** A subgraph as it is, on a database of its own, at a port or any. */
async function serve(subgraph: Subgraph, port = 0, through = (fetch: SubgraphFetch) => fetch) {
  const service = await openService({
    subgraph,
    databaseUrl: 'sqlite::memory:',
    front: createRingFront(),
    clock: systemClock,
    randomness: systemRandomness,
    log: silentLog,
    serviceKeys: deriveServiceKeys(masterSecretOf(SECRET, null)),
    operatorKeys: parseOperatorKeys(newOperatorKeyText(systemRandomness)),
    oddsFeed: { kind: 'none' },
    firstOperator: OPERATOR,
    resolve: (callee) => ({ url: urls.get(callee as SubgraphName) ?? '', fetch }),
    receivers: [],
  })
  stack.defer(() => service.stop(0))
  await service.start()
  const { url, close } = await listen(through(service.fetch), { host: '127.0.0.1', port })
  stack.defer(() => close(0))
  urls.set(subgraph.name, url)
}

/** The same service, which says that it is of another version. */
const ofAnotherVersion =
  (fetch: SubgraphFetch): SubgraphFetch =>
  async (request) => {
    const answer = await fetch(request)
    if (!request.url.endsWith('/ready')) return answer
    return Response.json({ ...((await answer.json()) as object), schema: 'another' })
  }

/** Who stands in the place of compliance: something else, or something that says nothing. */
let manner: 'strange' | 'silent' = 'strange'
const stranger = () =>
  startHttpServer((_request, response) => {
    if (manner === 'strange') response.end('<h1>It works!</h1>')
  })

const SUBGRAPH_NAMES = ['identity', 'tenancy', 'ai', 'compliance', 'analytics'] as const

beforeAll(async () => {
  urls.set('ai', `http://127.0.0.1:${await freePort()}`)
  urls.set('compliance', stack.use(await stranger()).url)
  await serve(identity)
  await serve(tenancy)
  await serve(analytics, 0, ofAnotherVersion)
  const addresses = SUBGRAPH_NAMES.map((name) => [
    `SUBGRAPH_URL_${name.toUpperCase()}`,
    urls.get(name) ?? '',
  ])
  const config = readConfig({
    DBSBM_MODE: 'cluster',
    SERVICE_SECRET: SECRET,
    // Of the services; a gateway asks none.
    REDIS_URL: 'redis://127.0.0.1:6379',
    GATEWAY_RETRY_SECONDS: '1',
    GATEWAY_SUBGRAPH_TIMEOUT_SECONDS: '2',
    GATEWAY_NOTICE_SECONDS: '0',
    ...Object.fromEntries(addresses),
  })
  const gateway = await openClusterGateway(config, silentLog)
  stack.defer(() => gateway.close())
  gatewayUrl = (await gateway.listen(0, '127.0.0.1')).url
})
afterAll(() => stack.disposeAsync())

const ask = (query: string, token?: string) => askAt(gatewayUrl, query, token)

async function ready() {
  const answer = await fetch(`${gatewayUrl}/ready`)
  return { httpStatus: answer.status, ...((await answer.json()) as object) }
}

const signIn = () => signInAt(gatewayUrl, OPERATOR)

test('a gateway whose subgraphs are away, strange or of another version says which and why, and serves the rest', async () => {
  await expect.poll(ready, SEEN).toMatchObject({
    ...{ httpStatus: 200, status: 'degraded' },
    checks: {
      revocations: true,
      'subgraph identity': true,
      'subgraph tenancy': true,
      'subgraph analytics': true,
      'subgraph ai': false,
      'subgraph compliance': false,
    },
    reasons: {
      'subgraph ai': 'UNREACHABLE',
      'subgraph compliance': 'ANSWER_INVALID',
      'subgraph analytics': 'SCHEMA_DIFFERS',
    },
  })
  const token = await signIn()
  const whole = await ask(
    '{ me { email } tenants { edges { node { id } } } fixtures { edges { node { id } } } }',
    token,
  )
  expect(whole).toEqual({
    data: {
      me: { email: OPERATOR.email },
      tenants: { edges: [] },
      fixtures: { edges: [] },
    },
    codes: [],
  })
  const query =
    '{ me { email } aiModels { edges { node { id } } } alerts { edges { node { id } } } }'
  const { data, codes } = await ask(query, token)
  expect(data).toEqual({ me: { email: OPERATOR.email }, aiModels: null, alerts: null })
  expect(codes.toSorted()).toEqual(['SUBGRAPH_ANSWER_INVALID', 'SUBGRAPH_UNREACHABLE'])
})

test('one that hangs is told apart, and costs who asks it no more than its time', async () => {
  manner = 'silent'
  await expect.poll(ready, SEEN).toMatchObject({ reasons: { 'subgraph compliance': 'TIMEOUT' } })
  const query = '{ me { email } alerts { edges { node { id } } } }'
  const { data, codes } = await ask(query, await signIn())
  expect({ data, codes }).toEqual({
    data: { me: { email: OPERATOR.email }, alerts: null },
    codes: ['SUBGRAPH_TIMEOUT'],
  })
})

test('one that comes is served without anybody being told', async () => {
  await serve(ai, Number(new URL(urls.get('ai') ?? '').port))
  await expect
    .poll(ready, SEEN)
    .toMatchObject({ status: 'degraded', checks: { 'subgraph ai': true } })
  const { data, codes } = await ask('{ aiModels { edges { node { id } } } }', await signIn())
  expect({ data, codes }).toMatchObject({ data: { aiModels: {} }, codes: [] })
})
