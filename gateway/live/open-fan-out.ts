import { Gauge } from 'prom-client'
import type { Logger } from '#kernel/log.ts'
import type { Metrics } from '../metrics.ts'
import type { GatewaySettings } from '../settings.ts'
import type { SupergraphService } from '../supergraph.ts'
import { createFanOut, type FanOut } from './fan-out/fan-out.ts'

type Deps = {
  settings: Pick<GatewaySettings, 'live' | 'subgraph'>
  supergraph: SupergraphService
  metrics: Pick<Metrics, 'registry'>
  log: Logger
}

/** The fan-out of one gateway, within its settings and counted in its figures. */
export function openFanOut({ settings, supergraph, metrics, log }: Deps): FanOut {
  const { live, subgraph } = settings
  const upstreams = new Gauge({
    name: 'dbsbm_gateway_upstreams',
    help: 'Open streams of subgraphs; many subscriptions may share one.',
    registers: [metrics.registry],
  })
  return createFanOut({
    ...{ supergraph, log, counted: (open) => upstreams.set(open) },
    bounds: {
      events: live.heldEvents,
      characters: live.heldCharacters,
      states: live.heldStates,
      reopenMs: live.reopenMs,
      firstDelayMs: subgraph.retryFirstDelayMs,
      longestDelayMs: subgraph.retryLongestDelayMs,
    },
  })
}
