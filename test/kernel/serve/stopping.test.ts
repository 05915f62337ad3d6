import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const CHILD = resolve(import.meta.dirname, 'stop-child.ts')
const MAIN = resolve(import.meta.dirname, '../../../gateway/main.ts')

const untilSaid = (child: ChildProcess, text: string) =>
  new Promise<string>((resolve, reject) => {
    let said = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes(text)) resolve(said)
    })
    child.once('exit', () => reject(new Error(`it ended before “${text}”: ${said}`)))
  })

/** A process that has started; what it writes to standard error is kept. */
async function start(script: string, options: { args?: string[]; env?: object; ready: string }) {
  const { args = [], env = {}, ready } = options
  const child = spawn(process.execPath, [script, ...args], {
    stdio: 'pipe',
    env: { ...process.env, ...env },
  })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  const said = await untilSaid(child, ready)
  return {
    said,
    errors: () => errors,
    exited,
    /** @returns once it has begun to stop */
    stop: async (stopping: string) => {
      const begun = untilSaid(child, stopping)
      child.kill('SIGINT')
      await begun
    },
    kill: () => child.kill('SIGINT'),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await exited
    },
  }
}

const startChild = (...args: string[]) => start(CHILD, { args, ready: 'ready' })

test('a process whose parts all stop ends by itself, with exit code 0', async () => {
  await using child = await startChild('nothing')
  await child.stop('stopping')
  expect(await child.exited).toEqual([0, null])
  expect(child.errors()).toBe('')
})

test('work that never stops is given up with STOP_TIMED_OUT’s sentence, and exit code 1', async () => {
  await using child = await startChild('work', '200')
  await child.stop('stopping')
  expect(await child.exited).toEqual([1, null])
  expect(child.errors()).toMatch(
    /^A part of the process did not stop in time[^\n]*\(part tenancy, milliseconds 200\)\n/,
  )
  expect(child.errors()).toMatch(
    /\nThe process is ended, though something was left open: [^\n]*Timeout\n$/,
  )
})

test('of several parts that fail to stop, each has its sentence, and exit code 1', async () => {
  await using child = await startChild('several')
  await child.stop('stopping')
  expect(await child.exited).toEqual([1, null])
  expect(child.errors()).toBe('the work is stuck\nthe database is stuck\n')
})

test('something left open when the work has ended does not keep the process: exit code 1', async () => {
  await using child = await startChild('timer')
  await child.stop('stopping')
  expect(await child.exited).toEqual([1, null])
  expect(child.errors()).toMatch(
    /^The process is ended, though something was left open: [^\n]*Timeout\n$/,
  )
})

test('a second signal ends at once a process whose stop hangs', async () => {
  await using child = await startChild('work', '600000')
  await child.stop('stopping')
  child.kill()
  expect(await child.exited).toEqual([null, 'SIGINT'])
})

/** The whole platform with a request whose body never comes to its end. */
async function startBusy(drainSeconds: number) {
  const dataDir = await mkdtemp(join(tmpdir(), 'dbsbm-stop-'))
  const env = {
    ...{ DATA_DIR: dataDir, PORT: '0', ODDS_FEED: 'none' },
    GATEWAY_DRAIN_SECONDS: String(drainSeconds),
  }
  const platform = await start(MAIN, { env, ready: 'Stop with Ctrl-C' })
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(platform.said)?.[1])
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  const head = 'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n'
  socket.write(`${head}content-length: 100\r\n\r\n{`)
  return {
    ...platform,
    [Symbol.asyncDispose]: async () => {
      socket.destroy()
      await platform[Symbol.asyncDispose]()
      await rm(dataDir, { recursive: true })
    },
  }
}

test('the platform drains as long as it was told, then ends with exit code 0', {
  timeout: 120_000,
}, async () => {
  await using platform = await startBusy(1)
  await platform.stop('Stopping')
  expect(await platform.exited).toEqual([0, null])
  expect(platform.errors()).toBe('')
})

test('a second Ctrl-C ends a platform that drains at once', { timeout: 120_000 }, async () => {
  await using platform = await startBusy(600)
  await platform.stop('Stopping')
  platform.kill()
  expect(await platform.exited).toEqual([null, 'SIGINT'])
})
