import type { Told } from './told.ts'

/** Bounds on what a stream holds for readers that lag behind. */
export type HistoryBounds = {
  /** Events, and the characters of their texts together. */
  events: number
  characters: number
  /** Things whose present state is remembered. */
  states: number
}

/** One event at its place in a stream; places are dense: 1, 2, 3, … */
export type Place = { readonly at: number; readonly told: Told }

/** The latest events of one stream, and the latest state of each thing that its events tell of. */
export type History = {
  /** The place of the newest event; 0 before the first. */
  head: () => number
  append: (told: Told) => void
  /** The place of an event by its cursor, where all that came after it is still held. */
  placeOf: (cursor: string) => number | undefined
  /** The cursor of the event at a place, where that is held. */
  cursorAt: (place: number) => string | null
  /** The event directly after a place, `lost` where it is no longer held, null where none is yet. */
  after: (place: number) => Place | 'lost' | null
  /**
   * The next event after a place that no later one makes stale, and those passed over on the way;
   * `lost` where something that must not be left out is no longer held.
   */
  latestAfter: (place: number) => (Place & { skipped: readonly string[] }) | 'lost' | null
  charactersAfter: (place: number) => number
  /** Lets go of events up to a place, but for the newest few. */
  forget: (upTo: number, kept: number) => void
}

/**
 * @param start the cursor after which the stream was opened, which is its place 0
 */
export function createHistory(bounds: HistoryBounds, start: string | null): History {
  const ring: Told[] = []
  const places = new Map<string, number>(start === null ? [] : [[start, 0]])
  /** By state, the older a place the earlier. */
  const latest = new Map<string, Place>()
  let first = 1
  let characters = 0
  /** The newest place that is neither held nor made stale by a later one. */
  let lost = 0

  const head = () => first + ring.length - 1
  const drop = () => {
    const told = ring.shift()
    if (!told) return
    const at = first++
    characters -= told.text.length
    const cursorOfBefore = told.cursor
    if (cursorOfBefore !== null && places.get(cursorOfBefore) === at) places.delete(cursorOfBefore)
    if (start !== null && places.get(start) === 0) places.delete(start)
    const isHeld = told.state !== null && latest.has(told.state)
    if (!isHeld) lost = at
  }
  const noteState = (told: Told, at: number) => {
    if (told.state === null) return
    latest.delete(told.state)
    latest.set(told.state, { at, told })
    if (latest.size <= bounds.states) return
    const [oldest] = latest
    if (!oldest) return
    latest.delete(oldest[0])
    if (oldest[1].at < first) lost = Math.max(lost, oldest[1].at)
  }
  return {
    head,
    append(told) {
      ring.push(told)
      characters += told.text.length
      const at = head()
      if (told.cursor !== null) places.set(told.cursor, at)
      noteState(told, at)
      // Two always stay: what is larger than the bounds must pass all the same.
      while (ring.length > 2 && (ring.length > bounds.events || characters > bounds.characters))
        drop()
    },
    placeOf: (cursor) => places.get(cursor),
    cursorAt: (place) => (place === 0 ? start : (ring[place - first]?.cursor ?? null)),
    after(place) {
      if (place >= head()) return null
      const told = ring[place + 1 - first]
      return told ? { at: place + 1, told } : 'lost'
    },
    latestAfter(place) {
      if (place < lost) return 'lost'
      return place + 1 < first
        ? (earliestHeld(latest, place, first) ?? latestIn(first - 1))
        : latestIn(place)
    },
    charactersAfter(place) {
      let sum = 0
      for (let at = Math.max(place + 1, first); at <= head(); at++)
        sum += ring[at - first]?.text.length ?? 0
      return sum
    },
    forget(upTo, kept) {
      while (ring.length > kept && first <= upTo) drop()
    },
  }

  function latestIn(place: number) {
    const skipped: string[] = []
    for (let at = Math.max(place + 1, first); at <= head(); at++) {
      const told = ring[at - first]
      if (!told) return 'lost' as const
      const isStale = told.state !== null && (latest.get(told.state)?.at ?? at) > at
      if (!isStale) return { at, told, skipped }
      if (told.state !== null) skipped.push(told.state)
    }
    return null
  }
}

/** What came between is not known any more: it counts as passed over. */
const statesOf = ({ told }: Place) => (told.state === null ? [] : [told.state])

/** Of states whose events the ring no longer holds, the earliest after a place. */
function earliestHeld(latest: ReadonlyMap<string, Place>, place: number, before: number) {
  for (const held of latest.values())
    if (held.at > place && held.at < before) return { ...held, skipped: statesOf(held) }
  return null
}
