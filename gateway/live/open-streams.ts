import type { ServerResponse } from 'node:http'
import { networkOf } from '#kernel/auth/networks.ts'
import type { DomainError } from '#kernel/errors.ts'
import type { Randomness } from '#kernel/ids.ts'
import { serveError } from '#kernel/serve/errors.ts'
import { gatewayError } from '../errors.ts'
import type { Metrics } from '../metrics.ts'
import { askToLeave, leavingMs } from './ask-to-leave.ts'
import type { ClientSlots } from './client-slots.ts'
import type { LiveSettings } from './live-settings.ts'

/** One subscription over HTTP: whose it is, and how it is ended with a last word. */
export type StreamEntry = { ip: string | null; endWith: (reason: DomainError) => void }

/** The event streams that are open over HTTP. */
export type OpenStreams = {
  /**
   * Notes a subscription until the returned function is called.
   * @throws SERVICE_DRAINING, CONNECTION_LIMIT or CLIENT_CONNECTION_LIMIT
   */
  enter: (entry: StreamEntry) => () => void
  /**
   * Notes an answer until its connection is gone; one that nobody reads is cut. A subscription is
   * let go of when the gateway stops; any other answer in parts comes to its end.
   */
  add: (response: ServerResponse, kind: 'subscription' | 'answer') => void
  /**
   * Takes nothing new, ends all subscriptions with a code, one after another (clients come back
   * with a cursor), and cuts at last whatever of them is left.
   */
  drain: () => void
}

type Deps = {
  metrics: Pick<Metrics, 'connections' | 'endedStreams'>
  clients: ClientSlots
  settings: Pick<LiveSettings, 'connections' | 'stalledMs' | 'drainMs'>
  /** Tells in which order streams are ended. */
  randomness: Randomness
}

/** For the last word of an event stream to be read. */
const LAST_WORDS_MS = 1_000

/** Remembers streams from their first byte until their connection is gone. */
export function createOpenStreams({ metrics, clients, settings, randomness }: Deps): OpenStreams {
  const open = new Set<ServerResponse>()
  const entries = new Set<StreamEntry>()
  let isDraining = false
  return {
    enter(entry) {
      if (isDraining) throw serveError('SERVICE_DRAINING')
      if (open.size >= settings.connections) throw gatewayError('CONNECTION_LIMIT')
      const leave = clients.take(entry.ip && networkOf(entry.ip))
      if (!leave) throw gatewayError('CLIENT_CONNECTION_LIMIT')
      entries.add(entry)
      return () => {
        entries.delete(entry)
        leave()
      }
    },
    add(response, kind) {
      if (kind === 'subscription') open.add(response)
      metrics.connections.inc({ channel: 'event-stream' })
      const stopWatching = watchReader(response, settings.stalledMs, () => {
        metrics.endedStreams.inc({ reason: 'STALLED' })
        response.destroy()
      })
      response.once('close', () => {
        stopWatching()
        open.delete(response)
        metrics.connections.dec({ channel: 'event-stream' })
      })
    },
    drain() {
      isDraining = true
      const { drainMs } = settings
      const leaves = [...entries].map(
        (entry) => () => entry.endWith(serveError('SERVICE_DRAINING')),
      )
      askToLeave(leaves, { randomness, drainMs })
      const cut = () => {
        for (const response of open) response.destroy()
      }
      const untilMs = leavingMs(leaves.length, drainMs) + LAST_WORDS_MS
      setTimeout(cut, Math.min(untilMs, drainMs)).unref()
    },
  }
}

/** Something waits at one look, and at the next it still does: nobody reads. */
function watchReader(response: ServerResponse, stalledMs: number, stalled: () => void): () => void {
  let isWaiting = false
  response.on('drain', () => {
    isWaiting = false
  })
  const timer = setInterval(() => {
    if (isWaiting && response.writableNeedDrain) return stalled()
    isWaiting = response.writableNeedDrain
  }, stalledMs)
  timer.unref()
  return () => clearInterval(timer)
}
