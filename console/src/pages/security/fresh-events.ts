import { byNewest, type SecurityEvent } from './security-event.ts'

/** Events that came after the list was read. */
export type FreshEvents = {
  /** On top of the list. */
  shown: readonly SecurityEvent[]
  /** Told by their number only: the reader has scrolled down, and the list must not move. */
  waiting: readonly SecurityEvent[]
}

export const NO_FRESH_EVENTS: FreshEvents = { shown: [], waiting: [] }

/** Shown at most; beyond it the list is read from its beginning. */
export const MOST_FRESH = 500

const joined = (newer: readonly SecurityEvent[], older: readonly SecurityEvent[]) =>
  [...newer, ...older].sort(byNewest)

/** Takes in events that are not known yet, each once. */
export function withArrived(
  { shown, waiting }: FreshEvents,
  events: readonly SecurityEvent[],
  isReaderOnTop: boolean,
): FreshEvents {
  const known = new Set([...shown, ...waiting].map(({ id }) => id))
  const arrived = new Map(
    events.filter(({ id }) => !known.has(id)).map((event) => [event.id, event]),
  )
  const fresh = { shown, waiting: joined([...arrived.values()], waiting).slice(0, MOST_FRESH + 1) }
  return isReaderOnTop ? allShown(fresh) : fresh
}

/** Puts what waits on top of the list. */
export function allShown({ shown, waiting }: FreshEvents): FreshEvents {
  return waiting.length === 0 ? { shown, waiting } : { shown: joined(waiting, shown), waiting: [] }
}
