import type { IncomingMessage } from 'node:http'
import type { Randomness } from '#kernel/ids.ts'
import type { Logger } from '#kernel/log.ts'
import type { Metrics } from '../metrics.ts'
import type { GatewaySettings } from '../settings.ts'
import { createSeeing, type Seeing } from './seeing.ts'
import { createSlowOperations, type SlowOperations } from './slow-operations.ts'
import type { Tracing } from './tracing.ts'

type Deps = {
  settings: Pick<GatewaySettings, 'endpoint' | 'tracing' | 'slow'>
  metrics: Pick<Metrics, 'slowOperations' | 'spans'>
  randomness: Randomness
  log: Logger
  isTrusted: (request: IncomingMessage) => boolean
}

/** What makes spans is loaded only where they have somewhere to go. */
async function openTracing({ settings, ...deps }: Deps): Promise<Tracing | null> {
  const { endpoint, ...rest } = settings.tracing
  if (endpoint === null) return null
  const { openTracing: open } = await import('./tracing.ts')
  return open(
    { endpoint, ...rest },
    { ...deps, figures: (outcome, count) => deps.metrics.spans.inc({ outcome }, count) },
  )
}

function openSlow({ settings, metrics, log }: Deps): SlowOperations | null {
  const { thresholdMs, linesPerMinute } = settings.slow
  if (thresholdMs === 0) return null
  return createSlowOperations({
    ...{ thresholdMs, linesPerMinute, log },
    count: () => metrics.slowOperations.inc(),
    now: () => performance.now(),
  })
}

/** Opens what the settings ask for. */
export async function openSeeing(deps: Deps): Promise<Seeing> {
  const { settings, isTrusted } = deps
  return createSeeing({
    ...{ settings, isTrusted },
    tracing: await openTracing(deps),
    slow: openSlow(deps),
  })
}
