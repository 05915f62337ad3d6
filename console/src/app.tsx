import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core'
import { RouterProvider } from '@tanstack/react-router'
import { useMemo } from 'react'
import { Provider } from 'urql'
import { createConsoleClient } from './api/client.ts'
import { gatewayFacts } from './gateway-facts.ts'
import { noticesPlace } from './parts/notices-place.ts'
import { router } from './router.tsx'
import { rightsKey } from './session/rights.ts'
import { sessionState } from './session/session.ts'
import { SCHEME_KEY } from './shell/scheme.tsx'
import { theme } from './shell/theme.ts'
import { useStore } from './store.ts'

const schemes = localStorageColorSchemeManager({ key: SCHEME_KEY })

/**
 * All of the console for one set of rights: when these change, its cache and everything that was shown
 * go with them.
 */
function ForRights() {
  const client = useMemo(createConsoleClient, [])
  return (
    <Provider value={client}>
      <RouterProvider router={router} />
    </Provider>
  )
}

/** The console. */
export function App() {
  const state = useStore(sessionState)
  const Notices = useStore(noticesPlace)
  const key = state.kind === 'signed-in' ? rightsKey(state.session) : state.kind
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      colorSchemeManager={schemes}
      getStyleNonce={() => gatewayFacts.nonce}
    >
      {Notices ? <Notices /> : null}
      <ForRights key={key} />
    </MantineProvider>
  )
}
