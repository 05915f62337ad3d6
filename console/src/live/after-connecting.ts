import { liveStatus } from './live-state.ts'

/** By then the streams of a new connection are open. */
const OPEN_MS = 2_000

/**
 * Tells, whenever a live connection was made, that what was read before may be old: a stream that has
 * seen no event yet has no place from which to go on.
 * @returns how to stop hearing
 */
export function afterConnecting(tell: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const tellSoon = () => {
    clearTimeout(timer)
    if (liveStatus.get() === 'live') timer = setTimeout(tell, OPEN_MS)
  }
  const stop = liveStatus.listen(tellSoon)
  // The connection of the page before may stand already; the streams of this one open only now.
  tellSoon()
  return () => {
    clearTimeout(timer)
    stop()
  }
}
