import { wholeNumber } from './parsers.ts'
import { setting } from './setting.ts'

/** What live connections and subscriptions may be. */
export const LIVE_SETTINGS = {
  GATEWAY_MAX_CONNECTIONS: setting(wholeNumber(1, 1_000_000), {
    fallback: '10000',
    doc: 'Most live connections, WebSockets and event streams, of one process of the gateway; the system must let it hold as many files open.',
  }),
  GATEWAY_MAX_CLIENT_CONNECTIONS: setting(wholeNumber(1, 100_000), {
    fallback: '200',
    doc: 'Most live connections, WebSockets and event streams, of one client address; it may open twice as many WebSockets at once, and a tenth of as many each second after. Behind a proxy that GATEWAY_TRUSTED_PROXIES does not name, all clients have its address.',
  }),
  GATEWAY_MAX_SUBSCRIPTIONS: setting(wholeNumber(1, 100_000), {
    fallback: '100',
    doc: 'Most subscriptions open at once on one WebSocket connection.',
  }),
  GATEWAY_MAX_USER_SUBSCRIPTIONS: setting(wholeNumber(1, 1_000_000), {
    fallback: '1000',
    doc: 'Most subscriptions open at once of one user or API key, over all connections to one process of the gateway.',
  }),
  GATEWAY_MAX_TENANT_SUBSCRIPTIONS: setting(wholeNumber(1, 10_000_000), {
    fallback: '100000',
    doc: 'Most subscriptions open at once of one tenant, at one process of the gateway.',
  }),
}
