import type { History, HistoryBounds } from './history.ts'

/** Events that are read ahead of the reader that is furthest. */
const READ_AHEAD = 64
/** The newest events stay at hand for whoever joins with a cursor. */
const KEPT = 64
/** Longest wait for readers of states before these are conflated for them: live, and catching up. */
const LIVE_WAIT_MS = 50
const LONGEST_WAIT_MS = 1_000

/** How a stream keeps to its readers. */
export type Pace = {
  /** Told when a reader took something, came or left. */
  noted: () => void
  /** Nothing waits any more. */
  end: () => void
  /**
   * Waits while nobody has room. What happened waits for its readers without end, as they are let go
   * when they read nothing at all; of states the latest will do, where all readers said so.
   */
  room: (what: { isState: boolean; isLive: boolean }) => Promise<void>
}

type PaceDeps = {
  history: History
  readers: ReadonlySet<{ place: number; conflates: boolean }>
  bounds: Pick<HistoryBounds, 'characters'>
}

/** The furthest reader sets the pace: one that is slow holds up nobody but itself. */
export function createPace({ history, readers, bounds }: PaceDeps): Pace {
  let waiting: (() => void) | null = null
  let isEnded = false

  const places = () => {
    let [slowest, furthest] = [Number.POSITIVE_INFINITY, 0]
    for (const { place } of readers) {
      if (place < slowest) slowest = place
      if (place > furthest) furthest = place
    }
    return { slowest, furthest }
  }
  const isFull = (furthest: number) =>
    history.head() - furthest > READ_AHEAD ||
    history.charactersAfter(furthest) > bounds.characters / 2
  const waited = (mostMs: number | null) =>
    new Promise<void>((resolve) => {
      const timer = mostMs === null ? null : setTimeout(() => waiting?.(), mostMs)
      waiting = () => {
        if (timer) clearTimeout(timer)
        waiting = null
        resolve()
      }
    })
  return {
    noted() {
      if (waiting && !isFull(places().furthest)) waiting()
    },
    end() {
      isEnded = true
      waiting?.()
    },
    async room({ isState, isLive }) {
      if (isEnded) return
      const { slowest, furthest } = places()
      history.forget(slowest, KEPT)
      if (!isFull(furthest)) return
      const stateWaitMs = isLive ? LIVE_WAIT_MS : LONGEST_WAIT_MS
      const willDo = isState && [...readers].every(({ conflates }) => conflates)
      await waited(willDo ? stateWaitMs : null)
    },
  }
}
