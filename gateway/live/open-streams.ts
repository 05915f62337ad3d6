import type { ServerResponse } from 'node:http'
import type { Metrics } from '../metrics.ts'
import type { LiveSettings } from '../settings.ts'

/** The event streams that are open over HTTP. */
export type OpenStreams = {
  add: (response: ServerResponse) => void
  isFull: () => boolean
  /** Cuts all of them: a client that sees no `complete` comes back with its cursor. */
  cut: () => void
}

/** Remembers streams from their first byte until their connection is gone. */
export function createOpenStreams(
  { connections }: Pick<Metrics, 'connections'>,
  settings: Pick<LiveSettings, 'connections'>,
): OpenStreams {
  const open = new Set<ServerResponse>()
  return {
    add(response) {
      open.add(response)
      connections.inc({ channel: 'event-stream' })
      response.once('close', () => {
        open.delete(response)
        connections.dec({ channel: 'event-stream' })
      })
    },
    isFull: () => open.size >= settings.connections,
    cut() {
      for (const response of open) response.destroy()
    },
  }
}
