import { createStore, useStore } from '../store.ts'

/** How the one live connection of this tab stands; `idle`: nothing on this page is live. */
export type LiveStatus = 'idle' | 'connecting' | 'live' | 'waiting'

export const liveStatus = createStore<LiveStatus>('idle')

/** Why a stream cannot go on by itself. */
export type FeedEnd = { code: string; message: string }

/** Streams of this page that have ended for good: it would else look live and stand still. */
export const endedFeeds = createStore<readonly FeedEnd[]>([])

/** Counted by the thousand a second, read once a second: no component is told of each change. */
export const liveFigures = {
  /** When the platform was last heard, by any word at all; milliseconds since 1970. */
  heardAt: 0,
  /** Events that came, by the name of their operation. */
  events: new Map<string, number>(),
  /** How often streams went on after a cut, from the last event seen. */
  resumed: 0,
  /** How often a stream's history was gone, so that the present was read anew. */
  reread: 0,
}

/** Older than this, what a page shows is said to be old. */
export const STALE_AFTER_MS = 5_000

const clock = createStore(Date.now())
setInterval(() => clock.set(Date.now()), 1_000)

/** Now, to the second; a component that uses it is drawn anew each second. */
export const useNow = (): number => useStore(clock)

const network = createStore(navigator.onLine)
addEventListener('online', () => network.set(true))
addEventListener('offline', () => network.set(false))

/** Whether the browser says that it has a network. */
export const useIsOnline = (): boolean => useStore(network)

/** For how long the platform was not heard, where that is longer than it may be; else null. */
export function staleForMs(status: LiveStatus, now: number): number | null {
  const { heardAt } = liveFigures
  if (status === 'idle' || heardAt === 0) return null
  const silentMs = now - heardAt
  return silentMs > STALE_AFTER_MS ? silentMs : null
}
