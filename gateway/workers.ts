import cluster, { type Worker } from 'node:cluster'
import { AggregatorRegistry, type RegistryContentType } from 'prom-client'
import type { GatewayConfig } from '#kernel/config.ts'
import type { Logger } from '#kernel/log.ts'
import { runProcess } from '#kernel/serve/run-process.ts'
import { pause } from '#kernel/time-limit.ts'
import { longestCloseMs } from './close-in-time.ts'
import { isRecord } from './transport/answer.ts'
import { FIGURES, STOP } from './worker.ts'

/** A worker that ends sooner after its start is replaced after a pause, ever longer. */
const STEADY_MS = 30_000
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000
/** Beyond the time in which a worker gives up what hangs. */
const GRACE_MS = 5_000

type Crew = {
  config: GatewayConfig
  log: Logger
  /** No worker is replaced any more. */
  stopping: AbortController
  /** Set by the first worker that listens: before, whatever keeps one from it keeps all. */
  hasListened: boolean
  workers: Set<Worker>
  /** Those that take requests. */
  listening: Set<Worker>
}

const ended = (worker: Worker) =>
  new Promise<number>((resolve) => worker.once('exit', (code) => resolve(code ?? 1)))

async function replyWithFigures(
  figures: Pick<AggregatorRegistry<RegistryContentType>, 'clusterMetrics'>,
  { log }: Crew,
  to: Worker,
) {
  const text = await figures.clusterMetrics().catch((err: unknown) => {
    log.warn({ err }, 'the figures of the workers were not added up')
    return null
  })
  if (to.isConnected()) to.send({ type: FIGURES, text })
}

function fork(crew: Crew): Worker {
  const worker = cluster.fork()
  crew.workers.add(worker)
  worker.once('listening', () => {
    crew.hasListened = true
    crew.listening.add(worker)
  })
  // Of a line to one that has just ended; that it has, its exit says.
  worker.on('error', (err) => crew.log.debug({ err }, 'a worker was not reached'))
  worker.once('exit', () => {
    crew.workers.delete(worker)
    crew.listening.delete(worker)
  })
  return worker
}

/** Keeps one place filled until the crew stops. */
async function keepFilled(crew: Crew): Promise<void> {
  const { signal } = crew.stopping
  let pauseMs = FIRST_PAUSE_MS
  while (!signal.aborted) {
    const began = performance.now()
    const worker = fork(crew)
    const code = await ended(worker)
    if (signal.aborted) return
    if (!crew.hasListened) {
      // It has said why; the next one would say the same.
      process.exitCode = code || 1
      crew.stopping.abort()
      return
    }
    crew.log.error({ pid: worker.process.pid, code }, 'a worker ended, another takes its place')
    const isSteady = performance.now() - began > STEADY_MS
    pauseMs = isSteady ? FIRST_PAUSE_MS : Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
    await pause(pauseMs, signal).catch(() => undefined)
  }
}

/** Tells a worker to stop, and ends it when its own bounds did not. */
async function dismiss(worker: Worker, { config, log, listening }: Crew): Promise<void> {
  const ending = ended(worker)
  // One that begins hears no word yet, and has taken nothing.
  if (!listening.has(worker)) {
    worker.process.kill('SIGKILL')
    await ending
    return
  }
  if (worker.isConnected()) worker.send(STOP)
  const timer = setTimeout(() => {
    log.error({ pid: worker.process.pid }, 'a worker did not stop in time and was killed')
    worker.process.kill('SIGKILL')
  }, longestCloseMs(config) + GRACE_MS)
  const code = await ending
  clearTimeout(timer)
  if (code !== 0) process.exitCode = code
}

/**
 * Runs this program as several workers that share a port, until told to stop. A worker that dies is
 * replaced; where the first ones cannot even begin, the process ends with their exit code.
 */
export async function superviseWorkers(config: GatewayConfig, log: Logger): Promise<void> {
  const crew: Crew = {
    ...{ config, log, hasListened: false },
    stopping: new AbortController(),
    workers: new Set(),
    listening: new Set(),
  }
  const figures = new AggregatorRegistry()
  // Each has its own time-out, which would keep this process when all workers have ended.
  const replies = new Set<Promise<void>>()
  cluster.on('message', (worker, message: unknown) => {
    if (!isRecord(message) || message.type !== FIGURES) return
    const reply = replyWithFigures(figures, crew, worker).finally(() => replies.delete(reply))
    replies.add(reply)
  })
  void runProcess.untilStopped().then(() => crew.stopping.abort())
  const places = Array.from({ length: config.workers }, () => keepFilled(crew))
  await new Promise<void>((resolve) => {
    crew.stopping.signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await Promise.all([...crew.workers].map((worker) => dismiss(worker, crew)))
  await Promise.all([...places, ...replies])
}
