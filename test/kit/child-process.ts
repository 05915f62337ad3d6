import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A program of the project that is started, ended and started again with the same settings. */
export type Program = {
  name: string
  url: string
  /** Starts it; resolves when its `/health` answers. @throws when it ended before */
  start: () => Promise<void>
  /** SIGKILL: no handler runs, nothing is flushed. Resolves when it is gone. */
  kill: () => Promise<void>
  /** SIGTERM. @returns the exit code */
  stop: () => Promise<number | null>
  isRunning: () => boolean
  pid: () => number
  /** Its last log lines. */
  logged: () => readonly string[]
}

export type ProgramOptions = {
  name: string
  /** Script and words, from the project's root. */
  command: readonly string[]
  env: Record<string, string>
  port: number
  /** Folder of the code; by default this project's. */
  root?: string | undefined
  /** Told of each line that it logs. */
  onLine?: ((line: string) => void) | undefined
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const LOOK_MS = 50
const LINES_KEPT = 2_000

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  const address = server.address()
  await new Promise((done) => server.close(done))
  if (typeof address !== 'object' || address === null) throw new Error('no port is free')
  return address.port
}

/** Whether GET answers with a good status, within two seconds. */
export async function isAnswered(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) })
    await answer.arrayBuffer()
    return answer.ok
  } catch (failure) {
    if (failure instanceof Error) return false
    throw failure
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) =>
  exitCode !== null || signalCode !== null

async function end(child: ChildProcess | null, signal: NodeJS.Signals): Promise<number | null> {
  if (!child) return null
  if (!hasEnded(child)) {
    const gone = new Promise((done) => child.once('exit', done))
    child.kill(signal)
    await gone
  }
  return child.exitCode
}

/** A test that ends before it could dispose of anything leaves no process behind. */
const running = new Set<ChildProcess>()
process.once('exit', () => running.forEach((child) => void child.kill('SIGKILL')))

/** Makes a program ready to be started. */
export function createProgram(options: ProgramOptions): Program {
  const { name, command, env, port, root = ROOT, onLine = () => {} } = options
  const url = `http://127.0.0.1:${port}`
  const lines: string[] = []
  let child: ChildProcess | null = null
  const hear = (line: string) => {
    lines.push(line)
    if (lines.length > LINES_KEPT) lines.shift()
    onLine(line)
  }
  return {
    name,
    url,
    start: async () => {
      const started = spawn(process.execPath, [...command], {
        cwd: root,
        env: { ...process.env, LOG_LEVEL: 'warn', PORT: String(port), ...env },
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      child = started
      running.add(started)
      started.once('exit', () => running.delete(started))
      createInterface({ input: started.stderr }).on('line', hear)
      while (!hasEnded(started) && !(await isAnswered(`${url}/health`))) {
        await new Promise((done) => setTimeout(done, LOOK_MS))
      }
      if (started.exitCode !== null) {
        throw new Error(`${name} ended with ${started.exitCode}: ${lines.slice(-5).join('\n')}`)
      }
    },
    kill: async () => void (await end(child, 'SIGKILL')),
    stop: () => end(child, 'SIGTERM'),
    isRunning: () => child !== null && !hasEnded(child),
    pid: () => child?.pid ?? 0,
    logged: () => lines,
  }
}
