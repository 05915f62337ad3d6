import { NavLink, Stack } from '@mantine/core'
import {
  IconBuilding,
  IconChartLine,
  IconKey,
  IconReceipt2,
  IconShieldLock,
  IconTerminal2,
  IconUserCircle,
} from '@tabler/icons-react'
import { Link, useLocation } from '@tanstack/react-router'
import { gatewayFacts } from '../gateway-facts.ts'
import { sessionState } from '../session/session.ts'
import { useStore } from '../store.ts'

type Entry = {
  to: '/odds' | '/bets' | '/security' | '/tenants' | '/keys' | '/playground' | '/account'
  label: string
  Icon: typeof IconKey
  /** Without all of these there is nothing to see; the page itself says so too. */
  needs: readonly string[]
}

const ENTRIES: readonly Entry[] = [
  { to: '/odds', label: 'Odds', Icon: IconChartLine, needs: ['odds:read', 'fixtures:read'] },
  { to: '/bets', label: 'My bets', Icon: IconReceipt2, needs: ['bets:place'] },
  { to: '/tenants', label: 'Tenants', Icon: IconBuilding, needs: ['tenants:read'] },
  { to: '/security', label: 'Security', Icon: IconShieldLock, needs: ['security:read'] },
  { to: '/keys', label: 'API keys', Icon: IconKey, needs: [] },
  { to: '/playground', label: 'Playground', Icon: IconTerminal2, needs: [] },
  { to: '/account', label: 'Account', Icon: IconUserCircle, needs: [] },
]

/** The pages that this person may see. */
export function Navigation() {
  const { pathname } = useLocation()
  const state = useStore(sessionState)
  const scopes = state.kind === 'signed-in' ? state.session.scopes : null
  const shown = ENTRIES.filter(({ to, needs }) => {
    if (scopes === null) return to === '/playground'
    return needs.every((scope) => scopes.includes(scope))
  })
  const isPlatform = gatewayFacts.hasPlatform
  return (
    <Stack component="nav" gap={4} aria-label="Pages">
      {shown.map(({ to, label, Icon }) => (
        <NavLink
          key={to}
          component={Link}
          to={to}
          label={label}
          active={pathname.startsWith(to)}
          aria-current={pathname.startsWith(to) ? 'page' : undefined}
          leftSection={<Icon size={20} stroke={1.5} aria-hidden />}
        />
      ))}
      {scopes === null && isPlatform ? (
        <NavLink
          component={Link}
          to="/odds"
          label="Sign in"
          leftSection={<IconUserCircle size={20} stroke={1.5} aria-hidden />}
        />
      ) : null}
    </Stack>
  )
}
