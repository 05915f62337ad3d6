import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from '@tanstack/react-router'
import { parseBetsSearch } from './pages/bets/bets-search.ts'
import { parseKeysSearch } from './pages/keys/keys-search.ts'
import { parseOddsSearch } from './pages/odds/odds-search.ts'
// Whoever signs out on any page leaves nothing in the playground and on the slip.
import './pages/playground/kept-tabs.ts'
import { parsePlaygroundSearch } from './pages/playground/playground-search.ts'
import { parseSecuritySearch } from './pages/security/security-search.ts'
import { parseTenantSearch, parseTenantsSearch } from './pages/tenants/tenants-search.ts'
import { Home } from './shell/home.tsx'
import { NotFound } from './shell/not-found.tsx'
import { PageFailed } from './shell/page-failed.tsx'
import { Shell } from './shell/shell.tsx'
import './slip/kept.ts'

const root = createRootRoute({
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: PageFailed,
})

const home = createRoute({ getParentRoute: () => root, path: '/', component: Home })

const odds = createRoute({
  getParentRoute: () => root,
  path: '/odds',
  validateSearch: parseOddsSearch,
  component: lazyRouteComponent(() => import('./pages/odds/odds-page.tsx'), 'OddsPage'),
})

const fixture = createRoute({
  getParentRoute: () => root,
  path: '/odds/$fixtureId',
  component: lazyRouteComponent(() => import('./pages/fixture/fixture-page.tsx'), 'FixturePage'),
})

const bets = createRoute({
  getParentRoute: () => root,
  path: '/bets',
  validateSearch: parseBetsSearch,
  component: lazyRouteComponent(() => import('./pages/bets/bets-page.tsx'), 'BetsPage'),
})

const security = createRoute({
  getParentRoute: () => root,
  path: '/security',
  validateSearch: parseSecuritySearch,
  component: lazyRouteComponent(() => import('./pages/security/security-page.tsx'), 'SecurityPage'),
})

const tenants = createRoute({
  getParentRoute: () => root,
  path: '/tenants',
  validateSearch: parseTenantsSearch,
  component: lazyRouteComponent(() => import('./pages/tenants/tenants-page.tsx'), 'TenantsPage'),
})

const tenant = createRoute({
  getParentRoute: () => root,
  path: '/tenants/$tenantId',
  validateSearch: parseTenantSearch,
  component: lazyRouteComponent(() => import('./pages/tenants/tenant-page.tsx'), 'TenantPage'),
})

const keys = createRoute({
  getParentRoute: () => root,
  path: '/keys',
  validateSearch: parseKeysSearch,
  component: lazyRouteComponent(() => import('./pages/keys/keys-page.tsx'), 'KeysPage'),
})

const playground = createRoute({
  getParentRoute: () => root,
  path: '/playground',
  validateSearch: parsePlaygroundSearch,
  component: lazyRouteComponent(
    () => import('./pages/playground/playground-page.tsx'),
    'PlaygroundPage',
  ),
})

const account = createRoute({
  getParentRoute: () => root,
  path: '/account',
  component: lazyRouteComponent(() => import('./pages/account/account-page.tsx'), 'AccountPage'),
})

/** Every page of the console by its address below `/console`. */
export const router = createRouter({
  routeTree: root.addChildren([
    ...[home, odds, fixture, bets, security, tenants, tenant, keys, playground, account],
  ]),
  basepath: '/console',
  defaultPreload: 'intent',
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
