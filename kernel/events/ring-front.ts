import { LRUCache } from 'lru-cache'
import type { EventFront, EventListener } from './front.ts'
import type { StoredEvent } from './stored-event.ts'

export type RingFrontSettings = {
  /** Newest events kept per topic. */
  eventsPerTopic?: number
  /** Topics kept; the one unused the longest goes first. */
  topics?: number
}

export type RingFront = EventFront &
  Required<Pick<EventFront, 'recent'>> & { isListenedTo: (topic: string) => boolean }

/** The newest events of one topic by sequence; they may come in any order. */
type Ring = Map<number, StoredEvent>

function remember(ring: Ring, event: StoredEvent, limit: number): void {
  ring.set(event.seq, event)
  if (ring.size <= limit) return
  for (const oldest of ring.keys()) {
    ring.delete(oldest)
    return
  }
}

/** The front within one process: listeners are called directly, a bounded ring keeps the newest. */
export function createRingFront(settings: RingFrontSettings = {}): RingFront {
  const { eventsPerTopic = 256, topics = 1_000 } = settings
  const rings = new LRUCache<string, Ring>({ max: topics })
  const listeners = new Map<string, Set<EventListener>>()

  const announceTo = (topic: string, events: readonly StoredEvent[]) => {
    const ring = rings.get(topic) ?? new Map<number, StoredEvent>()
    rings.set(topic, ring)
    for (const event of events) remember(ring, event, eventsPerTopic)
    for (const listener of listeners.get(topic) ?? []) listener(events)
  }

  return {
    announce: async (events) => {
      for (const [topic, ofTopic] of Map.groupBy(events, (event) => event.topic)) {
        announceTo(topic, ofTopic)
      }
    },
    listen: async (topic, listener) => {
      const ofTopic = listeners.get(topic) ?? new Set()
      listeners.set(topic, ofTopic.add(listener))
      return () => {
        ofTopic.delete(listener)
        if (ofTopic.size === 0 && listeners.get(topic) === ofTopic) listeners.delete(topic)
      }
    },
    recent: async (topic, { afterSeq, limit }) => {
      const ring = rings.get(topic)
      const found: StoredEvent[] = []
      while (found.length < limit) {
        const event = ring?.get(afterSeq + found.length + 1)
        if (!event) break
        found.push(event)
      }
      return found
    },
    isListenedTo: (topic) => listeners.has(topic),
    close: async () => {
      listeners.clear()
      rings.clear()
    },
  }
}
