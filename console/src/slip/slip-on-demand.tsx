import { lazy, Suspense, useEffect, useState } from 'react'
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
  return wasOpened ? (
    <Suspense fallback={null}>
      <SlipDrawer />
    </Suspense>
  ) : null
}
