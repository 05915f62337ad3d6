import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { createOutbox } from '#kernel/audit/outbox.ts'
import { OutboxLane } from '#kernel/audit/outbox-lane.ts'
import { OutboxRow } from '#kernel/audit/outbox-row.ts'
import { createRelay } from '#kernel/audit/relay.ts'
import { systemClock } from '#kernel/clock.ts'
import { transactional } from '#kernel/db/database.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { createOutboxReceiver } from '#kernel/serve/outbox-receiver.ts'
import { createServiceClient } from '#kernel/service/service-client.ts'
import { openSqlite, silentLog } from '../../kit/database.ts'
import { startHttpServer } from '../../kit/http-server.ts'
import { serviceKeys } from './kit.ts'

/** Far beyond what a test waits: whatever ends before was broken off. */
const NEVER_MS = 600_000

type Asked = { request: IncomingMessage; response: ServerResponse }

/** A subgraph whose relay delivers over HTTP to one that `answer` speaks for. */
async function openWorld(answer: (asked: Asked) => void) {
  const database = await openSqlite([OutboxRow, OutboxLane])
  const server = await startHttpServer((request, response) => answer({ request, response }))
  const deps = { clock: systemClock, randomness: systemRandomness }
  const services = createServiceClient({
    ...deps,
    caller: 'tenancy',
    log: silentLog,
    keys: serviceKeys,
    resolve: () => ({ url: server.url, fetch: (request) => fetch(request) }),
    timeoutMs: NEVER_MS,
  })
  const receivers = { ai: createOutboxReceiver(services, 'ai') }
  const settings = { pollMilliseconds: 5, deliverMilliseconds: NEVER_MS }
  const relay = createRelay({ ...deps, database, receivers, log: silentLog, settings })
  const outbox = createOutbox({ ...deps, wake: relay.wake })
  return {
    relay,
    send: () =>
      transactional(database.acrossTenants(), (tx) =>
        outbox.send(tx, { receiver: 'ai', kind: 'k', aggregate: 'a', payload: {} }),
      ),
    [Symbol.asyncDispose]: async () => {
      await relay.stop()
      await server.close()
      await database.close()
    },
  }
}

test('a relay that stops breaks off the request under way, and its message waits', {
  timeout: 10_000,
}, async () => {
  const asked = Promise.withResolvers<Asked>()
  await using world = await openWorld(asked.resolve)
  world.relay.start()
  await world.send()
  const { response } = await asked.promise
  const cut = once(response, 'close')
  await world.relay.stop()
  await cut
  expect(response.writableFinished).toBe(false)
  expect(await world.relay.waiting('ai')).toBe(1)
})

test('a relay that goes on has its answer, and the message is sent', async () => {
  const answered = Promise.withResolvers<void>()
  await using world = await openWorld(async ({ request, response }) => {
    const { deliveries } = JSON.parse((await request.toArray()).join('')) as {
      deliveries: { key: string }[]
    }
    response.once('close', answered.resolve)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ accepted: deliveries.map(({ key }) => key) }))
  })
  world.relay.start()
  await world.send()
  await answered.promise
  await expect.poll(() => world.relay.waiting('ai')).toBe(0)
})
