import type { StoredEvent } from './stored-event.ts'

export type EventListener = (events: readonly StoredEvent[]) => void

/**
 * What stands in front of the events table so that news travels at once. It may lose, repeat,
 * reorder, trim and forget: whoever listens compares sequences and asks the table for the rest. It
 * may never invent: only committed events are announced.
 */
export type EventFront = {
  /** Hands committed events to every listener of their topics, in this process and others. */
  announce: (events: readonly StoredEvent[]) => Promise<void>
  /** Resolves when announcements begin to arrive; the result ends them. */
  listen: (topic: string, listener: EventListener) => Promise<() => void>
  /** Events directly after `afterSeq`, in order, as far as they are at hand; the table has the others. */
  recent?: (
    topic: string,
    place: { afterSeq: number; limit: number },
  ) => Promise<readonly StoredEvent[]>
  /** False while announcements reach nobody beyond this process; absent where there is nobody beyond. */
  isConnected?: () => boolean
  /** Ends every listening. */
  close: () => Promise<void>
}
