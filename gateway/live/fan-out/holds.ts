/** Who keeps something from going on: it does once nobody does any more. */
export type Holds = {
  readonly isHeld: boolean
  hold: () => void
  /** @returns whether nobody holds it any more */
  release: () => boolean
  /** Resolves at the next moment at which nobody holds it, or at its end. */
  released: () => Promise<void>
  /** Lets go whoever waits. */
  end: () => void
}

/** Several may hold at once, each until it lets go. */
export function createHolds(): Holds {
  let holds = 0
  let waited = Promise.withResolvers<void>()
  const end = () => {
    waited.resolve()
    waited = Promise.withResolvers()
  }
  return {
    get isHeld() {
      return holds > 0
    },
    hold: () => void holds++,
    release() {
      holds--
      if (holds === 0) end()
      return holds === 0
    },
    released: () => waited.promise,
    end,
  }
}
