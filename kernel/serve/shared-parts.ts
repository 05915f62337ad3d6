import type { SubgraphName } from '../auth/service-names.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config.ts'
import { type Counters, createCounters } from '../counters/counters.ts'
import type { EventFront } from '../events/front.ts'
import { createRingFront } from '../events/ring-front.ts'
import type { Randomness } from '../ids.ts'
import type { Logger } from '../log.ts'
import { createHttpFetch } from '../service/http-fetch.ts'
import type { SubgraphFetch } from '../service/subgraph-fetch.ts'
import { doTogether } from './do-all.ts'

export type FrontOf = (subgraph: SubgraphName) => EventFront

export type SharedPartsDeps = {
  config: Config
  clock: Clock
  randomness: Randomness
  log: Logger
  /** What carries the events of a subgraph; by default as the configuration says. */
  frontOf?: FrontOf
}

/** What the subgraphs of a process have in common with each other, or with other processes. */
export type SharedParts = {
  counters: Counters
  frontOf: FrontOf
  /** Reaches subgraphs that run elsewhere. */
  fetch: SubgraphFetch
  close: () => Promise<void>
}

/** Connections at most to one of them. */
const ELSEWHERE = { connections: 128, connectTimeoutMs: 2_000 }

/** In one process a ring of all subgraphs' topics is enough: their names differ. */
function sharedRing(): FrontOf {
  const ring = createRingFront()
  return () => ring
}

/** With Redis each subgraph has a stream that all its processes share. Loaded only then: the embedded run starts sooner. */
async function chooseFronts({ config, log, randomness }: SharedPartsDeps): Promise<FrontOf> {
  const { redis } = config
  if (!redis) return sharedRing()
  const { createRedisFront } = await import('../events/redis-front.ts')
  return (subgraph) =>
    createRedisFront({ redis, subgraph, randomness, log: log.child({ subgraph }) })
}

/** Opens them by the configuration; Redis need not be there. */
export async function openSharedParts(deps: SharedPartsDeps): Promise<SharedParts> {
  const { config, clock, log } = deps
  const { frontOf = await chooseFronts(deps) } = deps
  const counters = await createCounters({ redis: config.redis, name: 'counters', clock, log })
  const http = createHttpFetch(ELSEWHERE)
  const fronts = new Map<SubgraphName, EventFront>()
  return {
    counters,
    frontOf: (subgraph) => {
      const front = fronts.get(subgraph) ?? frontOf(subgraph)
      fronts.set(subgraph, front)
      return front
    },
    fetch: http.fetch,
    close: () => {
      const closings = [...new Set(fronts.values())].map((front) => front.close)
      return doTogether([...closings, counters.close, http.close])
    },
  }
}
