import cluster, { type Worker } from 'node:cluster'
import { AggregatorRegistry, type Registry } from 'prom-client'
import { runProcess } from '#kernel/serve/run-process.ts'
import { isRecord } from './transport/answer.ts'

/** What a worker is told by its parent. */
export const STOP = 'dbsbm:stop'
/** Asks the parent for the figures of all workers, and answers with them. */
export const FIGURES = 'dbsbm:figures'

/** Whether this process tells a person at a terminal what goes on: of several workers the first does. */
export const speaks = (): boolean => cluster.worker === undefined || cluster.worker.id === 1

const LONGEST_WAIT_MS = 2_000

/**
 * A worker is told by its parent, and stops too when that is gone; Ctrl-C reaches both and is left to
 * the parent, as a second word ends a process at once.
 */
function toldByParent(worker: Worker): Promise<void> {
  // Else Node ends it at once when the parent is gone, and with it what it has taken.
  worker.exitedAfterDisconnect = true
  process.on('SIGINT', () => undefined)
  return new Promise((resolve) => {
    process.on('message', (message) => message === STOP && resolve())
    process.once('disconnect', resolve)
    process.once('SIGTERM', () => resolve())
  })
}

// From the first moment: a word that comes while the worker begins would be lost.
const told = cluster.worker ? toldByParent(cluster.worker) : null

/** Resolves when this process should stop. */
export const untilStopped = (): Promise<void> => told ?? runProcess.untilStopped()

/** The last word of a worker: its parent's line to it would keep it alive. */
export function leaveParent(): void {
  if (process.connected) process.disconnect()
}

/** The figures of all workers, added up by the parent; null when it does not in time. */
function askParent(): Promise<string | null> {
  return new Promise((resolve) => {
    const settle = (message: unknown) => {
      if (!isRecord(message) || message.type !== FIGURES) return
      process.off('message', settle)
      clearTimeout(timer)
      resolve(typeof message.text === 'string' ? message.text : null)
    }
    const timer = setTimeout(() => settle({ type: FIGURES }), LONGEST_WAIT_MS)
    process.on('message', settle)
    process.send?.({ type: FIGURES })
  })
}

/** What `/metrics` says: the figures of this process, or of all workers where there are several; null when they cannot be had. */
export function figuresOf(registry: Registry): () => Promise<string | null> {
  if (!cluster.isWorker) return () => registry.metrics()
  AggregatorRegistry.setRegistries(registry)
  // Made for its side effect alone: it answers the parent's question for this worker's part.
  new AggregatorRegistry()
  return askParent
}
