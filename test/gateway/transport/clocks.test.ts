import { afterEach, describe, expect, test } from 'vitest'
import { defaultSettings } from '#gateway/settings.ts'
import { createGatewayTokens, createSubgraphs } from '#gateway/transport/subgraphs.ts'
import { type Clock, systemClock } from '#kernel/clock.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { listen } from '#kernel/serve/listen.ts'
import { createOutboxReceiver } from '#kernel/serve/outbox-receiver.ts'
import { createServiceClient } from '#kernel/service/service-client.ts'
import { asker, openPingService, serviceKeys } from '../../kernel/serve/kit.ts'
import { silentLog } from '../../kit/database.ts'

const TWO_MINUTES = 120_000
const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** A tenancy on HTTP whose clock is ahead of its callers', and a gateway's and identity's ways to it. */
async function openWorld(aheadMs: number) {
  const clock: Clock = { now: () => new Date(systemClock.now().getTime() + aheadMs) }
  const ping = await openPingService(clock)
  const door = await listen(ping.service.fetch, { host: '127.0.0.1', port: 0 })
  const deps = {
    keys: serviceKeys,
    clock: systemClock,
    randomness: systemRandomness,
    log: silentLog,
  }
  const tokens = createGatewayTokens(deps)
  const subgraphs = createSubgraphs({
    ...{ local: {}, tokens, randomness: systemRandomness, log: silentLog },
    settings: { ...defaultSettings.subgraph, retryMs: 0 },
    watch: { fetched: () => undefined },
  })
  const services = createServiceClient({
    ...{ ...deps, caller: 'identity', timeoutMs: 5_000, patienceMs: 0 },
    resolve: () => ({ url: door.url, fetch: (request) => fetch(request) }),
  })
  cleanups.push(
    () => ping.service.stop(0),
    () => door.close(0),
    subgraphs.close,
  )
  const tenancy = subgraphs.at({ name: 'tenancy', url: `${door.url}/graphql` })
  return { ping, tenancy, services, tokens }
}

describe.each([
  ['ahead', TWO_MINUTES],
  ['behind', -TWO_MINUTES],
])('a service whose clock is two minutes %s', (_where, ahead) => {
  const caller = { viewer: asker, requestId: 'test' }
  const isAsFarAs = (offset: number | undefined) => Math.abs((offset ?? 0) - ahead) < 5_000

  test('answers the gateway: reads, changes, each once, and streams', async () => {
    for (const first of ['query', 'mutation', 'subscription'] as const) {
      const { ping, tenancy, tokens } = await openWorld(ahead)
      const queried = () => tenancy.execute({ kind: 'query', query: '{ ping }' }, caller)
      const noted = () =>
        tenancy.execute({ kind: 'mutation', query: 'mutation { note(text: "a") }' }, caller)
      const streamed = async () => {
        const stream = tenancy.subscribe(
          { kind: 'subscription', query: 'subscription { pinged }' },
          caller,
        )
        const event = stream.next()
        await expect
          .poll(() => ping.publish('b').then(() => Promise.race([event, null])))
          .toBeTruthy()
        const { value } = await event
        await stream.return(undefined)
        return value
      }
      const ways = { query: queried, mutation: noted, subscription: streamed }
      const inTurn = [ways[first], queried, noted, streamed]
      const answers = []
      for (const way of inTurn) answers.push((await way()).data)
      expect(answers.slice(1)).toEqual([{ ping: 'pong' }, { note: 'a' }, { pinged: 'b' }])
      expect(ping.noted).toHaveLength(first === 'mutation' ? 2 : 1)
      expect(isAsFarAs(tokens?.clockOffsets().tenancy)).toBe(true)
    }
  })

  test('answers another service’s query, and takes its deliveries, each once', async () => {
    const delivery = { key: 'k1', kind: 'noted', aggregate: 'a', payload: '"c"', at: new Date() }
    const { signal } = new AbortController()
    const one = await openWorld(ahead)
    expect(await createOutboxReceiver(one.services, 'tenancy').deliver([delivery], signal)).toEqual(
      ['k1'],
    )
    expect(one.ping.applied).toEqual(['c'])
    const other = await openWorld(ahead)
    const query = { document: '{ ping }', viewer: asker }
    expect(await other.services.query('tenancy', query)).toEqual({ ping: 'pong' })
    expect(isAsFarAs(other.services.clockOffsets().tenancy)).toBe(true)
  })
})

test('a service whose clock is eleven minutes away answers nobody, and does nothing', async () => {
  const { ping, tenancy } = await openWorld(11 * 60_000)
  const request = { kind: 'mutation', query: 'mutation { note(text: "a") }' } as const
  const asked = tenancy.execute(request, { viewer: asker, requestId: 'test' })
  await expect(asked).rejects.toMatchObject({
    code: 'SUBGRAPH_ANSWER_INVALID',
    cause: { code: 'SERVICE_TOKEN_EXPIRED' },
  })
  expect(ping.noted).toEqual([])
})
