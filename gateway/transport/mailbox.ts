/** What arrives by itself, until somebody takes it, one thing after the other. */
export type Mailbox<Item> = {
  push: (item: Item) => void
  /** Nothing more comes; what lies here is taken first, then the failure is thrown where there is one. */
  end: (failure?: unknown) => void
  /** Resolves when there is room for one more, or nothing is taken any more. */
  room: () => Promise<void>
  /** To be read once. */
  read: () => AsyncGenerator<Item, void, void>
}

export type MailboxOptions = {
  /** From so many on whoever fills it should wait. */
  most: number
  full?: () => void
  roomy?: () => void
}

/** A mailbox that says when it is full and when there is room again. */
export function createMailbox<Item>(options: MailboxOptions): Mailbox<Item> {
  const { most, full = () => {}, roomy = () => {} } = options
  const items: Item[] = []
  const waiting: (() => void)[] = []
  let ending: { failure: unknown } | null = null
  let wake = () => {}

  const release = () => {
    for (const go of waiting.splice(0)) go()
  }
  const take = () => {
    const item = items.shift()
    if (items.length === most - 1) roomy()
    if (items.length < most) release()
    return item
  }
  return {
    push(item) {
      if (ending) return
      items.push(item)
      if (items.length === most) full()
      wake()
    },
    end(failure = null) {
      ending ??= { failure }
      release()
      wake()
    },
    room: () =>
      items.length < most || ending
        ? Promise.resolve()
        : new Promise((resolve) => waiting.push(resolve)),
    async *read() {
      for (;;) {
        while (items.length > 0) yield take() as Item
        if (ending?.failure) throw ending.failure
        if (ending) return
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}
