import type { FeedEvent, FeedSource } from '../feeds/feed.ts'

export type BatchRequest = {
  /** The last position already stored. */
  after: number
  /** Events of one batch at most. */
  most: number
  signal: AbortSignal
}

const nextTurn = () => new Promise<null>((resolve) => setImmediate(resolve, null))

/**
 * A feed's events in micro-batches: the next event, and whatever else is ready at once. Leaving early
 * ends the feed, also while it waits.
 */
export async function* inBatches(
  source: FeedSource,
  { after, most, signal }: BatchRequest,
): AsyncGenerator<readonly FeedEvent[]> {
  const reading = new AbortController()
  const request = { after, signal: AbortSignal.any([signal, reading.signal]) }
  const iterator = source.events(request)[Symbol.asyncIterator]()
  const pull = () => {
    const pulled = iterator.next()
    // A feed may fail while the last batch is being stored; whoever awaits it next is told.
    pulled.catch(() => {})
    return pulled
  }
  let upcoming = pull()
  try {
    for (let first = await upcoming; !first.done; first = await upcoming) {
      const batch: FeedEvent[] = [first.value]
      upcoming = pull()
      const later = nextTurn()
      while (batch.length < most) {
        const ready = await Promise.race([upcoming, later])
        if (ready === null || ready.done) break
        batch.push(ready.value)
        upcoming = pull()
      }
      yield batch
    }
  } finally {
    reading.abort()
    await iterator.return?.()
  }
}
