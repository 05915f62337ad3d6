import type { StoredEvent } from './stored-event.ts'

export type OrderedListener = {
  /** Each event once, by ascending sequence. */
  deliver: (event: StoredEvent) => void
  /** The topic started again from nothing: nothing that was delivered connects to what follows. */
  restart: () => void
  /** The head moved without an event: what is missing was given up here. */
  look: () => void
}

export type EventOrder = ReturnType<typeof createEventOrder>

/** Events that came ahead of others, at most; the table has them too. */
const PARKED_LIMIT = 1_024

/**
 * Puts the announcements of one topic in order: what overtook waits, what repeats is dropped.
 * Nothing is delivered before `begin` has said where the table stands.
 */
export function createEventOrder(listener: OrderedListener) {
  const parked = new Map<number, StoredEvent>()
  let hasBegun = false
  let epoch: string | null = null
  let head = 0
  let known = 0

  const deliver = (event: StoredEvent) => {
    head = event.seq
    known = Math.max(known, head)
    parked.delete(event.seq)
    listener.deliver(event)
  }
  const release = () => {
    for (let next = parked.get(head + 1); next; next = parked.get(head + 1)) deliver(next)
  }
  const skipTo = (seq: number) => {
    head = Math.max(head, seq)
    known = Math.max(known, head)
    for (const parkedSeq of parked.keys()) if (parkedSeq <= head) parked.delete(parkedSeq)
    release()
  }
  const enterEpoch = (entered: string, seq: number) => {
    if (epoch === entered) return
    const isRestart = epoch !== null
    epoch = entered
    if (!isRestart) return
    parked.clear()
    head = seq
    known = seq
    if (hasBegun) listener.restart()
  }
  const park = (event: StoredEvent) => {
    enterEpoch(event.epoch, event.seq - 1)
    known = Math.max(known, event.seq)
    if (event.seq > head && parked.size < PARKED_LIMIT) parked.set(event.seq, event)
  }

  return {
    epoch: () => epoch,
    /** Sequence of the newest event delivered. */
    head: () => head,
    /** True while events exist that could not be delivered yet. */
    hasHole: () => hasBegun && head < known,
    /** Where the table stood when listening began; what comes after is delivered. */
    begin: (state: { epoch: string; lastSeq: number } | null): void => {
      if (state) enterEpoch(state.epoch, state.lastSeq)
      hasBegun = true
      skipTo(state?.lastSeq ?? 0)
    },
    /** What the front announced, in any order. */
    accept: (events: readonly StoredEvent[]): void => {
      for (const event of events) park(event)
      if (hasBegun) release()
    },
    /** What the table says of the topic now. */
    expect: (state: { epoch: string; lastSeq: number }): void => {
      enterEpoch(state.epoch, state.lastSeq)
      known = Math.max(known, state.lastSeq)
    },
    /** A page of the table directly after the head; an empty one gives the missing up. */
    fill: (page: readonly StoredEvent[]): void => {
      for (const event of page) if (event.seq > head) deliver(event)
      release()
      if (page.length > 0) return
      skipTo(known)
      listener.look()
    },
  }
}
