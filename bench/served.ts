import { type ChildProcess, spawn } from 'node:child_process'

const START_TIMEOUT_MS = 30_000

/** A program in a shell, ended by `stop`. */
export function startShell(command: string, cwd: string, env: Record<string, string>) {
  const child = spawn('sh', ['-c', command], {
    cwd,
    env: { ...process.env, NODE_ENV: 'production', LOG_LEVEL: 'error', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return { child, [Symbol.asyncDispose]: () => stop(child) }
}

/** Ends a program in order, and by force where it takes too long. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((done) => child.once('exit', done))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 15_000)
  await ended
  clearTimeout(timer)
}

/** The first answer of a server that is just starting. */
export async function whenAnswered(url: string, init?: RequestInit): Promise<string> {
  const deadline = performance.now() + START_TIMEOUT_MS
  for (;;) {
    const text = await fetch(url, init)
      .then((response) => (response.ok ? response.text() : ''))
      .catch(
        // Nobody listens yet, or it ended while it answered: that is what is being waited for.
        () => '',
      )
    if (text) return text
    if (performance.now() > deadline) throw new Error(`${url} does not answer`)
    await new Promise((done) => setTimeout(done, 100))
  }
}
