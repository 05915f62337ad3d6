import { useEffect, useRef } from 'react'

/** Reads anew at each turn after the first, which is read anyway. */
export function useReloadOn(turn: number, reload: () => void): void {
  const seen = useRef(turn)
  useEffect(() => {
    if (seen.current === turn) return
    seen.current = turn
    reload()
  }, [turn, reload])
}
