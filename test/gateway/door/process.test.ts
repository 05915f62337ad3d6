import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { composeSdl, type RunningSubgraph, startSubgraph } from '../../kit/federation.ts'
import { startHttpServer } from '../../kit/http-server.ts'
import { readersAndBooks } from '../../kit/readers-world.ts'

const MAIN = fileURLToPath(new URL('../../../gateway/main.ts', import.meta.url))

let folder: string
let supergraph: string
let subgraphs: RunningSubgraph[]

beforeAll(async () => {
  subgraphs = await Promise.all(readersAndBooks().sources.map(startSubgraph))
  folder = await mkdtemp(join(tmpdir(), 'gateway-'))
  supergraph = join(folder, 'supergraph.graphql')
  await writeFile(supergraph, composeSdl(subgraphs))
})
afterAll(async () => {
  await Promise.all(subgraphs.map((subgraph) => subgraph.close()))
  await rm(folder, { recursive: true })
})

type Running = { child: ChildProcess; output: () => string; errors: () => string }

function start(...flags: string[]): Running {
  const child = spawn(process.execPath, [MAIN, ...flags], { stdio: 'pipe' })
  let output = ''
  let errors = ''
  child.stdout?.on('data', (text) => {
    output += text
  })
  child.stderr?.on('data', (text) => {
    errors += text
  })
  return { child, output: () => output, errors: () => errors }
}

const exitOf = ({ child }: Running) =>
  new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))

describe('the gateway as a process of its own', () => {
  test('serves a supergraph, answers /health, and stops when it is told to', async () => {
    const running = start('--supergraph', supergraph, '--port', '0')
    await expect.poll(running.output, { timeout: 20_000 }).toContain('/graphql')
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(running.output())?.[0]
    const answer = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ me { name books } secret }' }),
    })
    expect(await answer.json()).toMatchObject({
      data: { me: { name: 'Ada', books: ['book of 1'] }, secret: null },
      errors: [{ extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' } }],
    })
    expect((await fetch(`${url}/health`)).status).toBe(200)
    const exit = exitOf(running)
    running.child.kill('SIGTERM')
    expect(await exit).toBe(0)
  })

  test.each([
    ['is not there', 'missing.graphql', null],
    ['is no supergraph', 'wrong.graphql', 'type Query { a: Int }'],
    ['cannot be parsed', 'broken.graphql', 'type Query {'],
  ])('says in one sentence that its supergraph %s', async (_what, name, text) => {
    const file = join(folder, name)
    if (text !== null) await writeFile(file, text)
    const running = start('--supergraph', file, '--port', '0')
    expect(await exitOf(running)).toBe(1)
    expect(running.errors()).toMatch(/^The supergraph cannot be served\.[^\n]*\n$/)
  })

  test('says in one sentence that its port is taken', async () => {
    await using taken = await startHttpServer(() => undefined)
    const running = start('--supergraph', supergraph, '--port', String(taken.port))
    expect(await exitOf(running)).toBe(1)
    expect(running.errors()).toMatch(/^The port is taken by another process\.[^\n]*\n$/)
  })

  test('lists every wrong setting at once', async () => {
    const running = start('--supergraph', supergraph, '--port', '99999999', '--nonsense', '1')
    expect(await exitOf(running)).toBe(1)
    expect(running.errors()).toContain('PORT')
    expect(running.errors()).toContain('nonsense')
  })
})
