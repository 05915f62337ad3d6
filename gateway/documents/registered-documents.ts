import { LRUCache } from 'lru-cache'

/** Documents that clients registered by their hashes (APQ). Anybody may: it allows nothing. */
export type RegisteredDocuments = {
  sourceOf: (hash: string) => string | undefined
  /** The hash must have been checked. */
  register: (hash: string, source: string) => void
  readonly bytes: number
}

/** One document may take this part of the room, so that none drives all others out. */
const LARGEST_PART = 1 / 16
/** Of an entry beside its text. */
const OVERHEAD_BYTES = 200

/** The documents used last, within a bound in bytes; they outlive every swap of the supergraph. */
export function createRegisteredDocuments(mostBytes: number): RegisteredDocuments {
  const sources = new LRUCache<string, string>({
    maxSize: mostBytes,
    maxEntrySize: Math.floor(mostBytes * LARGEST_PART),
    // Engines keep a text with two bytes for each of its units at most.
    sizeCalculation: (source) => source.length * 2 + OVERHEAD_BYTES,
  })
  return {
    sourceOf: (hash) => sources.get(hash),
    register: (hash, source) => void sources.set(hash, source),
    get bytes() {
      return sources.calculatedSize
    },
  }
}
