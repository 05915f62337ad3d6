import { Button, Center } from '@mantine/core'
import { useEffect } from 'react'
import { EmptyState } from '../parts/states.tsx'
import { openSession, renew, sessionState } from '../session/session.ts'
import { SessionRefused } from '../session/session-calls.ts'

const AGAIN_MS = 3_000

/** Asks again without taking the page away meanwhile. */
async function askAgain(): Promise<void> {
  await renew().catch((failure: unknown) => {
    if (!(failure instanceof SessionRefused)) throw failure
  })
}

/** Nobody can say whether somebody is signed in: the platform is away. */
export function Unreachable() {
  useEffect(() => {
    const timer = setInterval(() => {
      if (sessionState.get().kind === 'unreachable') void askAgain()
    }, AGAIN_MS)
    return () => clearInterval(timer)
  }, [])
  return (
    <Center mih="70vh">
      <EmptyState
        title="The platform cannot be reached"
        action={<Button onClick={() => void openSession()}>Try now</Button>}
      >
        It may be restarting, or this device has no network. This page asks again every three
        seconds and goes on by itself; you stay signed in.
      </EmptyState>
    </Center>
  )
}
