/** What waits for its reader: never more than it has room for. */
export type Inbox<Item> = ReturnType<typeof createInbox<Item>>

type Reader<Item> = {
  resolve: (result: IteratorResult<Item, undefined>) => void
  reject: (failure: unknown) => void
}

const DONE = { done: true, value: undefined } as const

/** A queue between events that come by themselves and a reader who takes them. */
export function createInbox<Item>(room: number) {
  const items: Item[] = []
  const readers: Reader<Item>[] = []
  let ended: { failure: unknown } | null = null
  let tellRoom = () => {}

  const settleReaders = () => {
    for (const { resolve, reject } of readers.splice(0)) {
      const failure = ended?.failure
      if (!failure) resolve(DONE)
      else reject(failure)
      // Told once; whoever asks on hears that it is over.
      ended = { failure: null }
    }
  }

  return {
    get isFull() {
      return items.length >= room
    },
    put(item: Item) {
      if (ended) return
      const reader = readers.shift()
      if (reader) reader.resolve({ done: false, value: item })
      else items.push(item)
    },
    /** What waits is still read, then the failure, where there is one. */
    end(failure: unknown = null) {
      ended ??= { failure }
      tellRoom()
      if (readers.length > 0) settleReaders()
    },
    /** Ends at once: what waits is not read any more. */
    discard(failure: unknown = null) {
      items.length = 0
      ended ??= { failure }
      tellRoom()
      if (readers.length > 0) settleReaders()
    },
    take(): Promise<IteratorResult<Item, undefined>> {
      const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<Item, undefined>>()
      const item = items.shift()
      if (item === undefined) {
        readers.push({ resolve, reject })
        if (ended) settleReaders()
      } else resolve({ done: false, value: item })
      if (items.length <= room / 2) tellRoom()
      return promise
    },
    /** Resolves when half of the room is free, or nothing comes any more. */
    freed(): Promise<void> {
      if (ended || items.length <= room / 2) return Promise.resolve()
      return new Promise((resolve) => {
        tellRoom = resolve
      })
    },
  }
}
