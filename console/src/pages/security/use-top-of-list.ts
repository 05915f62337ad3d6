import { type RefObject, type UIEvent, useRef } from 'react'

/** Closer to the top than this, in pixels, a reader is on top. */
const TOP = 8

/** Whether the reader of a list is on top of it, and the way back there. */
export type TopOfList = {
  isOnTop: RefObject<boolean>
  onScroll: (event: UIEvent<HTMLElement>) => void
  toTop: () => void
}

/** @param onTop told whenever the reader comes back to the top */
export function useTopOfList(onTop: () => void): TopOfList {
  const isOnTop = useRef(true)
  const scroller = useRef<HTMLElement | null>(null)
  const arrive = (isThere: boolean) => {
    const hasComeBack = isThere && !isOnTop.current
    isOnTop.current = isThere
    if (hasComeBack) onTop()
  }
  return {
    isOnTop,
    onScroll({ target }) {
      if (!(target instanceof HTMLElement)) return
      scroller.current = target
      arrive(target.scrollTop < TOP)
    },
    toTop() {
      scroller.current?.scrollTo({ top: 0 })
      scroller.current?.focus({ preventScroll: true })
      arrive(true)
    },
  }
}
