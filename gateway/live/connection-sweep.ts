import { CLOSE } from './close-codes.ts'
import type { LiveSettings } from './live-settings.ts'
import type { Connection } from './websocket-connection.ts'

/** Looks after all connections by one timer: pings, introductions that do not come, readers that stopped. */
export type ConnectionSweep = {
  add: (connection: Connection) => void
  remove: (connection: Connection) => void
  close: () => void
}

type Bounds = Pick<LiveSettings, 'keepAliveMs' | 'connectionInitTimeoutMs' | 'stalledMs'>

/** Parts in which all connections are pinged one after another, so that no moment has all pings. */
const PARTS = 16
/** How much later than said an introduction or a reader may be found missing, at most. */
const LONGEST_TICK_MS = 250

/** A connection that does not answer a ping before the next one is gone. */
export function createConnectionSweep(bounds: Bounds): ConnectionSweep {
  const parts = Array.from({ length: PARTS }, () => new Set<Connection>())
  const partOf = new Map<Connection, Set<Connection>>()
  const newcomers = new Set<Connection>()
  let [added, next] = [0, 0]

  const turnOf = () => parts[next++ % PARTS] ?? new Set<Connection>()
  const pinging = setInterval(() => ping(turnOf()), Math.max(1, bounds.keepAliveMs / PARTS))
  const tickMs = Math.min(LONGEST_TICK_MS, bounds.connectionInitTimeoutMs / 4, bounds.stalledMs / 4)
  const looking = setInterval(
    () => {
      dismissSilent(newcomers, bounds)
      for (const part of parts) dismissStalled(part, bounds)
    },
    Math.max(1, tickMs),
  )
  pinging.unref()
  looking.unref()
  return {
    add(connection) {
      const part = parts[added++ % PARTS] ?? new Set<Connection>()
      partOf.set(connection, part.add(connection))
      newcomers.add(connection)
      connection.socket.on('pong', () => {
        connection.isAlive = true
      })
    },
    remove(connection) {
      partOf.get(connection)?.delete(connection)
      partOf.delete(connection)
      newcomers.delete(connection)
    },
    close() {
      clearInterval(pinging)
      clearInterval(looking)
    },
  }
}

function ping(connections: ReadonlySet<Connection>): void {
  for (const connection of connections) {
    if (!connection.isAlive) connection.socket.terminate()
    connection.isAlive = false
    if (connection.isOpen) connection.socket.ping()
  }
}

function dismissSilent(
  newcomers: Set<Connection>,
  { connectionInitTimeoutMs }: Pick<Bounds, 'connectionInitTimeoutMs'>,
): void {
  const openedBefore = performance.now() - connectionInitTimeoutMs
  for (const connection of newcomers) {
    if (connection.phase !== 'new') newcomers.delete(connection)
    else if (connection.openedAt < openedBefore) {
      newcomers.delete(connection)
      connection.close(CLOSE.lateIntroduction, 'Connection initialisation timeout')
    }
  }
}

function dismissStalled(
  connections: ReadonlySet<Connection>,
  { stalledMs }: Pick<Bounds, 'stalledMs'>,
): void {
  const slowBefore = performance.now() - stalledMs
  for (const connection of connections)
    if (connection.slowSince > 0 && connection.slowSince < slowBefore) connection.letGo()
}
