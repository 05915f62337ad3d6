import type { Randomness } from '#kernel/ids.ts'
import type { Logger } from '#kernel/log.ts'
import { createIsFromProxy } from '../access/client-of.ts'
import type { Documents } from '../documents/documents.ts'
import type { Metrics } from '../metrics.ts'
import type { GatewaySettings } from '../settings.ts'
import type { LoadedSupergraph } from '../supergraph.ts'
import { watchMemories } from './memory-figures.ts'
import { createOperationNames } from './operation-names.ts'
import { createSeeing, type Seeing } from './seeing.ts'
import { createSlowOperations, type SlowOperations } from './slow-operations.ts'
import type { Tracing } from './tracing.ts'

/** Names of operations that figures are kept for. */
const MOST_NAMES = { mostRegistered: 150, mostOthers: 50 }

type Deps = {
  settings: Pick<GatewaySettings, 'endpoint' | 'tracing' | 'slow' | 'trustedProxies'>
  metrics: Pick<Metrics, 'registry' | 'slowOperations' | 'spans'>
  randomness: Randomness
  log: Logger
  documents: Pick<Documents, 'manifest'>
  current: () => LoadedSupergraph
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
  const { settings, metrics, documents, current } = deps
  watchMemories(metrics.registry, current)
  return createSeeing({
    settings,
    isTrusted: createIsFromProxy(settings.trustedProxies),
    names: createOperationNames({ manifest: documents.manifest, ...MOST_NAMES }),
    tracing: await openTracing(deps),
    slow: openSlow(deps),
  })
}
