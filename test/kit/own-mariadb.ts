import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createConnection } from 'mysql2/promise'
import { freePort } from './free-port.ts'

export type OwnMariadbOptions = {
  /** Whether a commit outlives a kill; without, it is quicker. */
  isDurable?: boolean
  flags?: readonly string[]
}

/** A MariaDB server of the test's own, which it may stop, kill and freeze. */
export type OwnMariadb = AsyncDisposable & {
  port: number
  /** The URL of one of its databases, for root. */
  url: (database: string) => string
  /** Rows of a statement, asked as root over a connection of its own. */
  run: (sql: string) => Promise<Record<string, unknown>[]>
  /** Resolves when it takes connections; on the same port after a stop or kill. */
  start: () => Promise<void>
  stop: () => Promise<void>
  kill: () => Promise<void>
  /** It holds its connections, and answers nothing from when this resolves. */
  freeze: () => Promise<void>
  thaw: () => void
}

const START_WITHIN_MS = 20_000

const asRoot = process.getuid?.() === 0 ? ['--user=root'] : []

async function install(folder: string): Promise<void> {
  await promisify(execFile)('mariadb-install-db', [
    ...['--no-defaults', `--datadir=${join(folder, 'data')}`, ...asRoot],
    ...['--auth-root-authentication-method=normal', '--skip-test-db', '--innodb-log-file-size=4M'],
  ])
}

function launch(folder: string, port: number, options: OwnMariadbOptions): ChildProcess {
  const own = [`--datadir=${join(folder, 'data')}`, `--socket=${join(folder, 's')}`, ...asRoot]
  const net = [`--port=${port}`, '--bind-address=127.0.0.1', `--pid-file=${join(folder, 'pid')}`]
  const small = ['--innodb-log-file-size=4M', '--innodb-buffer-pool-size=32M', '--skip-log-bin']
  const plain = ['--performance-schema=0', '--innodb-buffer-pool-load-at-startup=0']
  const quick = options.isDurable ? [] : ['--innodb-flush-log-at-trx-commit=0']
  const flags = ['--no-defaults', `--log-error=${join(folder, 'log')}`, ...own, ...net]
  const all = [...flags, ...small, ...plain, ...quick, ...(options.flags ?? [])]
  return spawn('mariadbd', all, { stdio: 'ignore' })
}

async function ask(port: number, sql: string): Promise<Record<string, unknown>[]> {
  const connection = await createConnection({ host: '127.0.0.1', port, user: 'root' })
  try {
    const [rows] = await connection.query(sql)
    return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : []
  } finally {
    await connection.end()
  }
}

/** Whether every thread has taken the signal to stop. */
async function hasStopped(pid: number | undefined): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`)
  const states = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8')),
  )
  return states.every((state) => / T /.test(state))
}

/** Installs and starts one in a temporary folder, on a free port. */
export async function startOwnMariadb(options: OwnMariadbOptions = {}): Promise<OwnMariadb> {
  const folder = await mkdtemp(join(tmpdir(), 'dbsbm-mariadb-'))
  await install(folder)
  const port = await freePort()
  let child: ChildProcess | null = null
  const start = async () => {
    child = launch(folder, port, options)
    const end = Date.now() + START_WITHIN_MS
    for (;;) {
      const answer = await ask(port, 'select 1').catch((failure: unknown) => failure)
      if (Array.isArray(answer)) return
      if (child.exitCode !== null || Date.now() > end) {
        throw new Error(await readFile(join(folder, 'log'), 'utf8'), { cause: answer })
      }
      await new Promise((resume) => setTimeout(resume, 30))
    }
  }
  const end = async (signal: NodeJS.Signals) => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
  await start()
  return {
    port,
    url: (database) => `mariadb://root:@127.0.0.1:${port}/${database}`,
    run: (sql) => ask(port, sql),
    start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    freeze: async () => {
      child?.kill('SIGSTOP')
      while (!(await hasStopped(child?.pid))) await new Promise(setImmediate)
    },
    thaw: () => void child?.kill('SIGCONT'),
    [Symbol.asyncDispose]: async () => {
      await end('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}
