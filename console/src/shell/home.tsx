import { Navigate } from '@tanstack/react-router'
import { gatewayFacts } from '../gateway-facts.ts'
import { useMay } from '../session/rights.ts'

/** Leads to the first page on which this person finds something. */
export function Home() {
  const seesOdds = useMay('odds:read', 'fixtures:read')
  const seesTenants = useMay('tenants:read')
  if (!gatewayFacts.hasPlatform) return <Navigate to="/playground" replace />
  if (seesOdds) return <Navigate to="/odds" search={{ market: 'MATCH_RESULT' }} replace />
  return <Navigate to={seesTenants ? '/tenants' : '/account'} replace />
}
