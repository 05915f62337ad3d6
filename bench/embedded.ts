import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The embedded platform as a newcomer starts it, in a process and a data folder of its own. */
export type RunningPlatform = AsyncDisposable & {
  url: string
  pid: number
  /** Milliseconds from the start of the process to its first answered query. */
  startedInMs: number
  dataDir: string
}

const START_TIMEOUT_MS = 180_000

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ __typename }"}',
      signal: AbortSignal.timeout(2_000),
    })
    return response.ok
  } catch {
    // Nobody listens yet: that is what is being waited for.
    return false
  }
}

/** Starts `gateway/main.ts` on `port`; variables of `env` come on top of this process's. */
export async function startPlatform(
  port: number,
  env: Record<string, string> = {},
  keptDataDir?: string,
): Promise<RunningPlatform> {
  const dataDir = keptDataDir ?? (await mkdtemp(join(tmpdir(), 'dbsbm-bench-')))
  const began = performance.now()
  const main = new URL('../gateway/main.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [main], {
    env: { ...process.env, LOG_LEVEL: 'error', DATA_DIR: dataDir, PORT: String(port), ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const url = `http://127.0.0.1:${port}/graphql`
  while (!(await answers(url))) {
    if (performance.now() - began > START_TIMEOUT_MS) throw new Error('the platform did not start')
    if (child.exitCode !== null) throw new Error(`the platform ended with ${child.exitCode}`)
    await new Promise((done) => setTimeout(done, 20))
  }
  const ended = new Promise((done) => child.once('exit', done))
  return {
    url,
    pid: child.pid ?? 0,
    startedInMs: Math.round(performance.now() - began),
    dataDir,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM')
      await ended
      if (!keptDataDir) await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** Asks once. Throws when the answer has errors. */
export async function ask<Data>(
  url: string,
  { query, variables, token }: { query: string; variables?: object; token?: string },
): Promise<Data> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(60_000),
  })
  const answer = (await response.json()) as { data: Data; errors?: unknown }
  if (answer.errors) throw new Error(JSON.stringify(answer.errors))
  return answer.data
}
