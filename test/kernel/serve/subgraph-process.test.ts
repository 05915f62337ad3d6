import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { deriveServiceKeys, masterSecretOf } from '#kernel/auth/service-keys.ts'
import { mintServiceToken, SERVICE_TOKEN_HEADER } from '#kernel/auth/service-token.ts'
import { serviceViewer } from '#kernel/auth/viewer.ts'
import { systemClock } from '#kernel/clock.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { startHttpServer } from '../../kit/http-server.ts'
import { openEventStream } from '../../kit/live-clients.ts'
import { bodyOf } from './kit.ts'

const MAIN = resolve(import.meta.dirname, '../../../subgraphs/main.ts')
const SECRET = 'a secret that this test shares with the process'
const STREAM = bodyOf('subscription { securityEventHappened { at } }')
const TYPE_NAME = bodyOf('{ __typename }')
/** Longer than a test may take: whatever ends before did not wait for the drain to be over. */
const LONG_DRAIN = '600'

const operator = serviceViewer({
  serviceName: 'gateway',
  reach: { kind: 'platform' },
  scopes: ['security:read'],
  requestId: 'test',
})

/** The headers of a request as the gateway sends it. */
function headersFor(body: string): Record<string, string> {
  const keys = deriveServiceKeys(masterSecretOf(SECRET, null))
  const token = mintServiceToken(
    { keys, clock: systemClock, randomness: systemRandomness },
    { caller: 'gateway', callee: 'identity', body, viewer: operator },
  )
  return { 'content-type': 'application/json', [SERVICE_TOKEN_HEADER]: token }
}

/** Identity as a process of its own. */
async function spawnIdentity(env: Record<string, string>) {
  const dataDir = await mkdtemp(join(tmpdir(), 'dbsbm-serve-'))
  const child = spawn(process.execPath, [MAIN, 'serve', 'identity'], {
    stdio: 'pipe',
    env: { ...process.env, DATA_DIR: dataDir, SERVICE_SECRET: SECRET, PORT: '0', ...env },
  })
  const said = { output: '', errors: '' }
  child.stdout.on('data', (text) => {
    said.output += text
  })
  child.stderr.on('data', (text) => {
    said.errors += text
  })
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  return {
    said,
    exited,
    kill: () => child.kill('SIGTERM'),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await exited
      await rm(dataDir, { recursive: true })
    },
  }
}

/** The same, once it listens. */
async function startIdentity(drainSeconds: string) {
  const running = await spawnIdentity({ GATEWAY_DRAIN_SECONDS: drainSeconds })
  await expect.poll(() => running.said.output, { timeout: 30_000 }).toContain('/graphql')
  const url = /http:\/\/[\d.]+:\d+/.exec(running.said.output)?.[0] ?? ''
  return { ...running, url }
}

const readinessOf = async (url: string) =>
  ((await (await fetch(`${url}/ready`)).json()) as { reason?: string }).reason

/** A request of which all has arrived but its last byte. */
async function beginRequest(url: string) {
  const request = httpRequest(`${url}/graphql`, {
    method: 'POST',
    headers: { ...headersFor(TYPE_NAME), 'content-length': TYPE_NAME.length },
  })
  const answered = once(request, 'response') as Promise<[IncomingMessage]>
  answered.catch(() => undefined)
  await new Promise((done) => request.write(TYPE_NAME.slice(0, -1), done))
  return {
    answered,
    finish: async () => {
      request.end(TYPE_NAME.slice(-1))
      const [response] = await answered
      return { status: response.statusCode, body: (await response.toArray()).join('') }
    },
  }
}

test('a subgraph that is told to stop ends its streams with their completion, and itself at once', async () => {
  await using identity = await startIdentity(LONG_DRAIN)
  const endpoint = `${identity.url}/graphql`
  await using stream = await openEventStream(endpoint, JSON.parse(STREAM), headersFor(STREAM))
  expect(stream.status).toBe(200)
  identity.kill()
  expect(await stream.ended).toBe('complete')
  expect(stream.events).toMatchObject([
    { event: 'next', data: { errors: [{ extensions: { code: 'SERVICE_DRAINING' } }] } },
    { event: 'complete' },
  ])
  expect(await identity.exited).toEqual([0, null])
  expect(identity.said.errors).toBe('')
})

test('while a request ends, a draining subgraph refuses new ones with its code', async () => {
  await using identity = await startIdentity(LONG_DRAIN)
  const begun = await beginRequest(identity.url)
  // On a connection after that one: whatever it sent has been taken up before.
  expect(await readinessOf(identity.url)).toBeUndefined()
  identity.kill()
  await expect.poll(() => readinessOf(identity.url), { timeout: 20_000 }).toBe('draining')
  const refused = await fetch(`${identity.url}/graphql`, {
    method: 'POST',
    body: TYPE_NAME,
    headers: headersFor(TYPE_NAME),
  })
  expect(refused.status).toBe(503)
  expect(await refused.json()).toMatchObject({ code: 'SERVICE_DRAINING' })
  const body = '{"data":{"__typename":"Query"}}'
  expect(await begun.finish()).toEqual({ status: 200, body })
  expect(await identity.exited).toEqual([0, null])
})

test('a request that outlasts GATEWAY_DRAIN_SECONDS is cut then, and no later', async () => {
  await using identity = await startIdentity('1')
  const begun = await beginRequest(identity.url)
  expect(await readinessOf(identity.url)).toBeUndefined()
  const since = performance.now()
  identity.kill()
  await expect(begun.answered).rejects.toThrow()
  const elapsed = performance.now() - since
  expect(elapsed).toBeGreaterThanOrEqual(900)
  expect(elapsed).toBeLessThan(9_000)
  expect(await identity.exited).toEqual([0, null])
})

test('a subgraph whose port is taken says so in one sentence, and leaves nothing open', async () => {
  await using taken = await startHttpServer(() => undefined)
  await using identity = await spawnIdentity({ PORT: String(taken.port) })
  expect(await identity.exited).toEqual([1, null])
  expect(identity.said.errors).toMatch(/^The port is taken by another process\.[^\n]*\n$/)
})
