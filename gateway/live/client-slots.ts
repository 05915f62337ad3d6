/** Live connections by the address of their client, so that none takes all there are. */
export type ClientSlots = {
  /** Counts one more until the returned function is called; null where the address has its share. */
  take: (ip: string | null) => (() => void) | null
}

/** What came by no socket has no address, and is not counted. */
export function createClientSlots(perClient: number): ClientSlots {
  const taken = new Map<string, number>()
  const release = (ip: string) => {
    const left = (taken.get(ip) ?? 0) - 1
    if (left > 0) taken.set(ip, left)
    else taken.delete(ip)
  }
  return {
    take(ip) {
      if (ip === null) return () => undefined
      const held = taken.get(ip) ?? 0
      if (held >= perClient) return null
      taken.set(ip, held + 1)
      let isHeld = true
      return () => {
        if (isHeld) release(ip)
        isHeld = false
      }
    },
  }
}
