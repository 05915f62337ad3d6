import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Redis } from 'ioredis'
import { withinTimeLimit } from '#kernel/time-limit.ts'

/** A redis-server that belongs to one test, with nothing in it and nothing kept. */
export type OwnRedis = AsyncDisposable & {
  url: string
  /** Begins where it is stopped, on the same port and empty. */
  start: () => Promise<void>
  /** Ends it as a crash would; resolves when the process is gone. */
  stop: () => Promise<void>
  /** Keeps it from answering while its connections stay, until `thaw`. */
  freeze: () => void
  thaw: () => void
  /** What a person at the server's own console would do. */
  command: (name: string, ...args: (string | number)[]) => Promise<unknown>
  flush: () => Promise<unknown>
}

const START_MS = 10_000

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

async function untilReady(server: ChildProcess): Promise<void> {
  const lines: string[] = []
  for await (const line of createInterface({ input: server.stdout as NodeJS.ReadableStream })) {
    if (line.includes('Ready to accept connections')) return
    lines.push(line)
  }
  throw new Error(`redis-server did not start:\n${lines.join('\n')}`)
}

function launch(folder: string, port: number): ChildProcess {
  const kept = ['--save', '', '--appendonly', 'no', '--dir', folder]
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', ...kept]
  return spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Starts a server of one's own on a free port. */
export async function startOwnRedis(): Promise<OwnRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'dbsbm-redis-'))
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  let server: ChildProcess | null = null
  const kill = () => server?.kill('SIGKILL')
  process.once('exit', kill)

  const start = async () => {
    const starting = launch(folder, port)
    server = starting
    const onTimeout = () => new Error('redis-server took too long to start')
    await withinTimeLimit({ timeoutMs: START_MS, onTimeout }, () => untilReady(starting))
    starting.stdout?.resume()
  }
  const stop = async () => {
    const stopping = server
    server = null
    if (!stopping || stopping.exitCode !== null) return
    const gone = once(stopping, 'exit')
    stopping.kill('SIGKILL')
    await gone
  }
  const command = async (name: string, ...args: (string | number)[]) => {
    const redis = new Redis(url, { retryStrategy: null, commandTimeout: 5_000 })
    try {
      return await redis.call(name, ...args)
    } finally {
      redis.disconnect()
    }
  }

  const dispose = async () => {
    process.off('exit', kill)
    await stop()
    await rm(folder, { recursive: true, force: true })
  }

  await start().catch(async (failure: unknown) => {
    await dispose()
    throw failure
  })
  return {
    url,
    start,
    stop,
    freeze: () => void server?.kill('SIGSTOP'),
    thaw: () => void server?.kill('SIGCONT'),
    command,
    flush: () => command('flushall'),
    [Symbol.asyncDispose]: dispose,
  }
}
