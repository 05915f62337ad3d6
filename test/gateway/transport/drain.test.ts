import { expect, test } from 'vitest'
import { defaultSettings } from '#gateway/settings.ts'
import { createGatewayTokens, createSubgraphs } from '#gateway/transport/subgraphs.ts'
import { systemClock } from '#kernel/clock.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { type Listening, listen } from '#kernel/serve/listen.ts'
import { createHttpFetch } from '#kernel/service/http-fetch.ts'
import { createServiceClient } from '#kernel/service/service-client.ts'
import { asker, openPingService, type PingService, serviceKeys } from '../../kernel/serve/kit.ts'
import { silentLog } from '../../kit/database.ts'
import { until } from '../../kit/gateway.ts'

const CALLERS = 50
const SECONDS = 1_000

/** One process of tenancy after the other on the same port. */
async function openTenancy() {
  const processes: PingService[] = []
  let door: Listening | undefined
  const start = async () => {
    const ping = await openPingService()
    const port = door ? Number(new URL(door.url).port) : 0
    door = await listen(ping.service.fetch, { host: '127.0.0.1', port })
    processes.push(ping)
    return door.url
  }
  const drain = async () => {
    await processes.at(-1)?.service.drain(5 * SECONDS)
    await door?.close(5 * SECONDS)
  }
  const url = await start()
  return {
    url,
    start,
    drain,
    noted: () => processes.flatMap(({ noted }) => noted),
    [Symbol.asyncDispose]: async () => {
      await drain()
      for (const { service } of processes) await service.stop(0)
    },
  }
}

/** The gateway's way to it, and that of another service. */
function openWays(url: string) {
  const deps = {
    keys: serviceKeys,
    clock: systemClock,
    randomness: systemRandomness,
    log: silentLog,
  }
  const subgraphs = createSubgraphs({
    ...{ local: {}, tokens: createGatewayTokens(deps), randomness: systemRandomness },
    // The machine may be busy: what is shown is that nothing is lost, not how soon it is back.
    settings: { ...defaultSettings.subgraph, retryMs: 30 * SECONDS, timeoutMs: 40 * SECONDS },
    watch: { fetched: () => undefined },
    log: silentLog,
  })
  const http = createHttpFetch({ connections: 128, connectTimeoutMs: 2 * SECONDS })
  const services = createServiceClient({
    ...{ ...deps, caller: 'analytics', timeoutMs: 40 * SECONDS, patienceMs: 30 * SECONDS },
    resolve: () => ({ url, fetch: http.fetch }),
  })
  return {
    tenancy: subgraphs.at({ name: 'tenancy', url: `${url}/graphql` }),
    services,
    [Symbol.asyncDispose]: async () => {
      await subgraphs.close()
      await http.close()
    },
  }
}

test('a subgraph that drains and is replaced under load loses no request, and makes no change twice', {
  timeout: 60 * SECONDS,
}, async () => {
  await using tenancy = await openTenancy()
  await using ways = openWays(tenancy.url)
  const caller = { viewer: asker, requestId: 'test' }
  const [failures, accepted]: [unknown[], string[]] = [[], []]
  const change = async (text: string) => {
    const query = `mutation { note(text: "${text}") }`
    const { data } = await ways.tenancy.execute({ kind: 'mutation', query }, caller)
    if (data?.note === text) accepted.push(text)
  }
  // Not repeatable: it carries no key.
  const call = async (text: string) => {
    const body = { query: `mutation { note(text: "${text}") }` }
    await ways.services.call('tenancy', { path: '/graphql', body, viewer: asker })
    accepted.push(text)
  }
  const read = () => ways.tenancy.execute({ kind: 'query', query: '{ ping }' }, caller)
  const ask = () => ways.services.query('tenancy', { document: '{ ping }', viewer: asker })
  const kinds = [change, call, read, ask]
  let isOver = false
  let asked = 0
  const running = Array.from({ length: CALLERS }, async (_, index) => {
    for (let count = 0; !isOver; count++) {
      asked++
      await kinds[(index + count) % kinds.length]?.(`${index}-${count}`).catch((failure) =>
        failures.push(failure),
      )
    }
  })
  const askMore = (more: number, from = asked) => until(() => asked > from + more, 30 * SECONDS)

  await askMore(300)
  await tenancy.drain()
  await tenancy.start()
  await askMore(300)
  isOver = true
  await Promise.all(running)
  expect(failures).toEqual([])
  expect(tenancy.noted().toSorted()).toEqual(accepted.toSorted())
})
