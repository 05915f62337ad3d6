import { deriveServiceKeys, masterSecretOf, type ServiceKeys } from '../auth/service-keys.ts'
import { SUBGRAPH_NAMES, type SubgraphName } from '../auth/service-names.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config.ts'
import type { OperatorKeys } from '../crypto/operator-key.ts'
import { loadOperatorKeys } from '../crypto/operator-key-file.ts'
import type { EventFront } from '../events/front.ts'
import { createRingFront } from '../events/ring-front.ts'
import type { Randomness } from '../ids.ts'
import type { Logger } from '../log.ts'
import type { SeedReport, Subgraph } from '../service/subgraph.ts'
import type { ServiceAddress, SubgraphFetch } from '../service/subgraph-fetch.ts'
import { makeDataDir } from './data-dir.ts'
import { serveError } from './errors.ts'
import { openService, type Service } from './open-service.ts'

export type PlatformOptions = {
  config: Config
  subgraphs: readonly Subgraph[]
  clock: Clock
  randomness: Randomness
  log: Logger
}

/** The subgraphs that run in this process. */
export type Platform = {
  services: readonly Service[]
  serviceKeys: ServiceKeys
  /** Reaches a subgraph of this process without a socket, by the same door as over HTTP. */
  fetchOf: (name: string) => SubgraphFetch
  seed: () => Promise<SeedReport>
  start: () => Promise<void>
  stop: (drainMs: number) => Promise<void>
}

type Keys = { operatorKeys: OperatorKeys; serviceKeys: ServiceKeys }

async function loadKeys({ config, randomness }: PlatformOptions): Promise<Keys> {
  if (!config.operatorKey) throw serveError('OPERATOR_KEY_UNSET')
  const operatorKeys = await loadOperatorKeys(config.operatorKey, randomness)
  const secret = masterSecretOf(config.serviceSecret, operatorKeys.root)
  return { operatorKeys, serviceKeys: deriveServiceKeys(secret) }
}

/** Where a subgraph is reached: in this process when it runs here, else at its configured URL. */
function createResolver(config: Config, services: ReadonlyMap<string, Service>) {
  return (callee: string): ServiceAddress => {
    const local = services.get(callee)
    if (local) return { url: `http://${callee}.local`, fetch: local.fetch }
    const url = config.subgraphUrls[callee as SubgraphName]
    if (!url) throw serveError('SUBGRAPH_UNKNOWN', { subgraph: callee })
    return { url: new URL(url).origin, fetch: (request) => globalThis.fetch(request) }
  }
}

async function openAll(
  options: PlatformOptions,
  keys: Keys,
  front: EventFront,
): Promise<Map<string, Service>> {
  const { config, subgraphs, clock, randomness, log } = options
  const services = new Map<string, Service>()
  const resolve = createResolver(config, services)
  const isReachable = (name: SubgraphName) =>
    subgraphs.some((subgraph) => subgraph.name === name) || config.subgraphUrls[name] !== null
  for (const subgraph of subgraphs) {
    const databaseUrl = config.databaseUrls[subgraph.name]
    if (!databaseUrl) throw serveError('DATABASE_URL_UNSET', { subgraph: subgraph.name })
    const receivers = SUBGRAPH_NAMES.filter((name) => name !== subgraph.name && isReachable(name))
    const service = await openService({
      ...keys,
      subgraph,
      databaseUrl,
      front,
      clock,
      randomness,
      resolve,
      receivers,
      log: log.child({ subgraph: subgraph.name }),
      oddsFeed: config.oddsFeed,
    }).catch(async (failure: unknown) => {
      await Promise.all([...services.values()].map((open) => open.stop(0)))
      throw failure
    })
    services.set(subgraph.name, service)
  }
  return services
}

/** Opens and migrates subgraphs in this process; what was opened is closed when one fails. */
export async function openPlatform(options: PlatformOptions): Promise<Platform> {
  const { config } = options
  if (config.mode === 'embedded') await makeDataDir(config.dataDir)
  const keys = await loadKeys(options)
  const front = createRingFront()
  const services = await openAll(options, keys, front)
  const all = [...services.values()]
  return {
    services: all,
    serviceKeys: keys.serviceKeys,
    fetchOf: (name) => {
      const service = services.get(name)
      if (!service) throw serveError('SUBGRAPH_UNKNOWN', { subgraph: name })
      return service.fetch
    },
    seed: async () => {
      const lines: string[] = []
      for (const service of all) lines.push(...(await service.seed()).lines)
      return { lines }
    },
    start: async () => {
      for (const service of all) await service.start()
    },
    stop: async (drainMs) => {
      await Promise.all(all.map((service) => service.stop(drainMs)))
      await front.close()
    },
  }
}
