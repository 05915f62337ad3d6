import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

/** One platform that is started, killed and started again on the same folder and port. */
export type ProcessUnderTest = {
  url: string
  /** Starts a process. @returns when its first query is answered, or it has ended before */
  start: () => Promise<void>
  /** SIGKILL: no handler runs, nothing is flushed. Resolves when the process is gone. */
  kill: () => Promise<void>
  /** SIGTERM, as a service manager stops it. */
  stop: () => Promise<void>
  isRunning: () => boolean
}

const MAIN = fileURLToPath(new URL('../../gateway/main.ts', import.meta.url))
const LOOK_MS = 10

/** A port that is free now; the processes of one run take it one after another. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  const address = server.address()
  await new Promise((done) => server.close(done))
  if (typeof address !== 'object' || address === null) throw new Error('no port is free')
  return address.port
}

async function answers(url: string): Promise<boolean> {
  try {
    const { ok } = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ __typename }"}',
      signal: AbortSignal.timeout(2_000),
    })
    return ok
  } catch (failure) {
    if (failure instanceof Error) return false
    throw failure
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) =>
  exitCode !== null || signalCode !== null

async function end(child: ChildProcess | null, signal: NodeJS.Signals): Promise<void> {
  if (!child || hasEnded(child)) return
  const gone = new Promise((done) => child.once('exit', done))
  child.kill(signal)
  await gone
}

/** Makes ready a platform whose processes have these settings. */
export async function createProcess(env: Record<string, string>): Promise<ProcessUnderTest> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/graphql`
  let child: ChildProcess | null = null
  const start = async () => {
    const started = spawn(process.execPath, [MAIN], {
      env: { ...process.env, LOG_LEVEL: 'error', PORT: String(port), ...env },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    child = started
    while (!hasEnded(started) && !(await answers(url))) {
      await new Promise((done) => setTimeout(done, LOOK_MS))
    }
    if (started.exitCode !== null) throw new Error(`the platform ended with ${started.exitCode}`)
  }
  return {
    url,
    start,
    kill: () => end(child, 'SIGKILL'),
    stop: () => end(child, 'SIGTERM'),
    isRunning: () => child !== null && !hasEnded(child),
  }
}
