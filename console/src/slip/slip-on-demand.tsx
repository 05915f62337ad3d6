import { lazy, Suspense, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useStore } from '../store.ts'
import { slip } from './slip.ts'

const load = () => import('./slip-drawer.tsx')

const SlipDrawer = lazy(async () => {
  const { SlipDrawer: component } = await load()
  return { default: component }
})

/** The slip, loaded once the odds are there: so it opens without a network too. */
export function SlipOnDemand() {
  const { isOpen } = useStore(slip)
  const [wasOpened, setOpened] = useState(isOpen)
  useEffect(() => {
    // What does not come now is asked for again when the slip is opened.
    load().catch(() => undefined)
  }, [])
  if (isOpen && !wasOpened) setOpened(true)
  const opener = useRef<Element | null>(null)
  // Before the drawer takes the focus: it was not there yet when it was opened for the first time.
  useLayoutEffect(() => {
    if (isOpen) opener.current = document.activeElement
  }, [isOpen])
  const giveFocusBack = () => {
    // Who has gone on meanwhile is left there.
    if (document.activeElement !== document.body) return
    const place = opener.current?.isConnected ? opener.current : document.getElementById('page')
    if (place instanceof HTMLElement) place.focus({ preventScroll: true })
  }
  return wasOpened ? (
    <Suspense fallback={null}>
      <SlipDrawer onClosed={giveFocusBack} />
    </Suspense>
  ) : null
}
