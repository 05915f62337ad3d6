import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { Agent, fetch } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { childPids } from '../../kit/child-pids.ts'
import { composeSdl, type RunningSubgraph, startSubgraph } from '../../kit/federation.ts'
import { startHttpServer } from '../../kit/http-server.ts'
import { openSocketClient, type Subscribed } from '../../kit/live-clients.ts'
import { readersAndBooks, type TickState } from '../../kit/readers-world.ts'

const MAIN = fileURLToPath(new URL('../../../gateway/main.ts', import.meta.url))
const START_MS = 30_000

let folder: string
let supergraph: string
let subgraphs: RunningSubgraph[]
let ticks: TickState

beforeAll(async () => {
  const readers = readersAndBooks()
  ticks = readers.ticks
  subgraphs = await Promise.all(readers.sources.map(startSubgraph))
  folder = await mkdtemp(join(tmpdir(), 'workers-'))
  supergraph = join(folder, 'supergraph.graphql')
  await writeFile(supergraph, composeSdl(subgraphs))
})
afterAll(async () => {
  await Promise.all(subgraphs.map((subgraph) => subgraph.close()))
  await rm(folder, { recursive: true })
})

/** A gateway of two workers, on a port or any. */
function startWorkers(port = '0') {
  const child = spawn(process.execPath, [MAIN, '--supergraph', supergraph, '--port', port], {
    stdio: 'pipe',
    env: { ...process.env, GATEWAY_WORKERS: '2', GATEWAY_METRICS: 'on' },
  })
  const said = { output: '', errors: '' }
  child.stdout.on('data', (text) => {
    said.output += text
  })
  child.stderr.on('data', (text) => {
    said.errors += text
  })
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  const pid = child.pid ?? 0
  return {
    said,
    exited,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    /** The processes under it. */
    workers: async () => childPids(pid),
    url: async () => {
      await expect.poll(() => said.output, { timeout: START_MS }).toContain('/graphql')
      return /http:\/\/127\.0\.0\.1:\d+/.exec(said.output)?.[0] ?? ''
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await exited
    },
  }
}

/** Asks on a connection of its own, which any of the workers may take. */
async function ask(url: string) {
  await using agent = { agent: new Agent(), [Symbol.asyncDispose]: () => agent.agent.close() }
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    dispatcher: agent.agent,
    headers: { 'content-type': 'application/json' },
    body: '{"query":"{ me { name } }"}',
  })
  return answer.json()
}

/** Whether a process is there, and no mere entry of one that has ended. */
const isThere = (pid: number) => existsSync(`/proc/${pid}/exe`)

const counted = (text: string) =>
  Number(/request_seconds_count\{operation="query",outcome="ok"\} (\d+)/.exec(text)?.[1])

test('workers share a port, are counted together, replaced when they die, and stop as one', async () => {
  await using gateway = startWorkers()
  const url = await gateway.url()
  const began = async () => (await gateway.workers()).length
  await expect.poll(began, { timeout: START_MS }).toBe(2)
  const ADA = { data: { me: { name: 'Ada' } } }
  for (let asked = 0; asked < 10; asked += 1) expect(await ask(url)).toEqual(ADA)
  expect(counted(await (await fetch(`${url}/metrics`)).text())).toBe(10)

  const before = await gateway.workers()
  process.kill(before[0] ?? 0, 'SIGKILL')
  const replaced = async () => {
    const now = await gateway.workers()
    return now.length === 2 && now.some((pid) => !before.includes(pid))
  }
  await expect.poll(replaced, { timeout: START_MS }).toBe(true)
  expect(gateway.said.errors).toContain('a worker ended, another takes its place')
  expect(await ask(url)).toEqual(ADA)

  gateway.kill('SIGTERM')
  expect(await gateway.exited).toEqual([0, null])
})

/** A subscriber that comes back with its last cursor whenever it is cut. */
function follow(url: string) {
  const before: string[] = []
  let current: Subscribed | null = null
  let cursor: string | null = null
  let isOver = false
  const namesIn = (followed: Subscribed | null) =>
    (followed?.results ?? []).map((result) => (result as Told).data.ticks.name)
  const over = Promise.withResolvers<void>()
  const going = (async () => {
    while (!isOver) {
      using socket = openSocketClient(`${url.replace('http', 'ws')}/graphql`)
      current = socket.subscribe(TICKS, cursor === null ? {} : { resume: cursor })
      await Promise.race([current.ended, over.promise])
      cursor = (current.results.at(-1) as Told | undefined)?.extensions.cursor ?? cursor
      before.push(...namesIn(current))
      current = null
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  })()
  return {
    names: () => [...before, ...namesIn(current)],
    async end() {
      isOver = true
      over.resolve()
      await going
    },
  }
}

type Told = { data: { ticks: { name: string } }; extensions: { cursor: string } }
const TICKS = 'subscription { ticks { name books } }'

test('subscribers of all workers hear each event once, though a worker dies and the supergraph is exchanged', async () => {
  await using gateway = startWorkers()
  const url = await gateway.url()
  await expect.poll(async () => (await gateway.workers()).length, { timeout: START_MS }).toBe(2)
  const followers = Array.from({ length: 8 }, () => follow(url))
  const told: string[] = []
  const tell = async () => {
    told.push(`event ${told.length}`)
    ticks.push(told.at(-1) ?? '')
    await new Promise((resolve) => setTimeout(resolve, 40))
  }
  while (followers.some(({ names }) => names().length === 0)) await tell()
  const begun = told.length
  for (let event = 1; event <= 60; event++) {
    await tell()
    if (event === 20) process.kill((await gateway.workers())[0] ?? 0, 'SIGKILL')
    if (event === 40) await writeFile(supergraph, `${composeSdl(subgraphs)}\n# exchanged\n`)
  }
  const last = told.at(-1)
  const haveAll = () => followers.every(({ names }) => names().at(-1) === last)
  await expect.poll(haveAll, { timeout: START_MS }).toBe(true)
  for (const { names } of followers) {
    const heard = names()
    expect(heard).toEqual(told.slice(told.indexOf(heard[0] ?? '')))
    expect(told.indexOf(heard[0] ?? '')).toBeLessThan(begun)
  }
  await Promise.all(followers.map(({ end }) => end()))
  gateway.kill('SIGTERM')
  expect(await gateway.exited).toEqual([0, null])
}, 120_000)

test('workers whose parent is killed answer what they have taken, and then end', async () => {
  await using gateway = startWorkers()
  const url = await gateway.url()
  const workers = await gateway.workers()
  const body = '{"query":"{ me { name } }"}'
  const request = http.request(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': body.length },
  })
  const answered = once(request, 'response') as Promise<[http.IncomingMessage]>
  request.write(body.slice(0, 10))
  // Taken by a worker, as far as one can see from here.
  await new Promise((resume) => setTimeout(resume, 500))
  gateway.kill('SIGKILL')
  await gateway.exited
  await new Promise((resume) => setTimeout(resume, 500))
  request.end(body.slice(10))
  const [response] = await answered
  expect(JSON.parse(await text(response))).toEqual({ data: { me: { name: 'Ada' } } })
  await expect.poll(() => workers.filter(isThere), { timeout: START_MS }).toEqual([])
})

test('figures that the parent does not add up are refused, not told in part', async () => {
  await using gateway = startWorkers()
  const url = await gateway.url()
  const dispatcher = new Agent({ connections: 1, pipelining: 1 })
  // On one connection, which a worker holds: nobody new comes in while the parent stands still.
  expect((await fetch(`${url}/health`, { dispatcher })).status).toBe(200)
  gateway.kill('SIGSTOP')
  const answer = await fetch(`${url}/metrics`, { dispatcher })
  gateway.kill('SIGCONT')
  expect(answer.status).toBe(503)
  expect(await answer.json()).toMatchObject({
    errors: [{ extensions: { code: 'FIGURES_UNAVAILABLE' } }],
  })
  await dispatcher.destroy()
  gateway.kill('SIGTERM')
  expect([await gateway.exited, gateway.said.errors]).toEqual([[0, null], expect.any(String)])
})

test('workers that cannot begin are not begun again: the reason is said and the process ends', async () => {
  await using taken = await startHttpServer(() => undefined)
  await using gateway = startWorkers(String(taken.port))
  expect(await gateway.exited).toEqual([1, null])
  expect(gateway.said.errors).toContain('The port is taken by another process.')
})
