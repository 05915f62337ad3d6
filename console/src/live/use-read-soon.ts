import { useCallback, useEffect, useRef } from 'react'

type Pace = {
  /** Wishes of this time count as one. */
  gatherMs: number
  /** Besides, while the page is seen: what no event tells of is never older than this. */
  everyMs?: number
}

/** Reads anew soon, once for many wishes, however long they keep coming. @returns how to wish for it */
export function useReadSoon(read: () => void, { gatherMs, everyMs }: Pace): () => void {
  const newest = useRef(read)
  newest.current = read
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null)
  const readSoon = useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = null
      newest.current()
    }, gatherMs)
  }, [gatherMs])
  useEffect(() => {
    const steady = everyMs ? setInterval(() => document.hidden || readSoon(), everyMs) : undefined
    return () => {
      clearInterval(steady)
      if (timer.current) clearTimeout(timer.current)
      timer.current = null
    }
  }, [everyMs, readSoon])
  return readSoon
}
