import { createOwnCounters } from '#kernel/counters/counters.ts'
import { hmacSha256 } from '#kernel/crypto/keyed-hash.ts'
import type { GatewayOptions, Platform } from '../gateway-options.ts'
import type { Metrics } from '../metrics.ts'
import { createBudgets } from './budgets.ts'
import { createConnectionBudgets } from './connection-budgets.ts'
import { createDemand, type Demand } from './demand.ts'

/** Alone there is nobody to share with, and names never leave the process. */
function hashFor(platform: Platform | null): (subject: string) => string {
  if (!platform) return (subject) => subject
  const key = platform.serviceKeys.between('gateway', 'gateway')
  return (subject) => hmacSha256(key, `budget ${subject}`)
}

/** Demand control of one gateway, with budgets of all gateways where they have counters together. */
export function openDemand(options: GatewayOptions, metrics: Metrics): Demand {
  const { clock, log, platform, counters = createOwnCounters(clock) } = options
  const { demand: settings } = options.settings
  return createDemand({
    settings,
    budgets: createBudgets({
      ...{ counters, clock, log },
      budgets: settings.budgets,
      hash: hashFor(options.counters ? platform : null),
    }),
    connections: createConnectionBudgets(settings.budgets.connection, () => clock.now().getTime()),
    metrics: metrics.demand,
  })
}
