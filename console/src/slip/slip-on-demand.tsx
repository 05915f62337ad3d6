import { lazy, Suspense, useState } from 'react'
import { useStore } from '../store.ts'
import { slip } from './slip.ts'

const SlipDrawer = lazy(async () => {
  const { SlipDrawer: component } = await import('./slip-drawer.tsx')
  return { default: component }
})

/** The slip, loaded when it is opened first: most who look at odds place no bet at that moment. */
export function SlipOnDemand() {
  const { isOpen } = useStore(slip)
  const [wasOpened, setOpened] = useState(isOpen)
  if (isOpen && !wasOpened) setOpened(true)
  return wasOpened ? (
    <Suspense fallback={null}>
      <SlipDrawer />
    </Suspense>
  ) : null
}
