/** Live connections by the network of their client, so that none takes all there are. */
export type ClientSlots = {
  /** Counts one more until the returned function is called; null where the network has its share. */
  take: (network: string | null) => (() => void) | null
}

/** What came by no socket has no address, and is not counted. */
export function createClientSlots(perClient: number): ClientSlots {
  const taken = new Map<string, number>()
  const release = (network: string) => {
    const left = (taken.get(network) ?? 0) - 1
    if (left > 0) taken.set(network, left)
    else taken.delete(network)
  }
  return {
    take(network) {
      if (network === null) return () => undefined
      const held = taken.get(network) ?? 0
      if (held >= perClient) return null
      taken.set(network, held + 1)
      let isHeld = true
      return () => {
        if (isHeld) release(network)
        isHeld = false
      }
    },
  }
}
