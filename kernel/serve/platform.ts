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
import { doInOrder, doTogether } from './do-all.ts'
import { serveError } from './errors.ts'
import { openService, type Service, type ServiceOptions } from './open-service.ts'

export type PlatformOptions = {
  config: Config
  subgraphs: readonly Subgraph[]
  clock: Clock
  randomness: Randomness
  log: Logger
  /** By default one within this process. */
  front?: EventFront
}

/** The subgraphs that run in this process. */
export type Platform = {
  services: readonly Service[]
  serviceKeys: ServiceKeys
  /** Reaches a subgraph of this process without a socket, by the same door as over HTTP. */
  fetchOf: (name: string) => SubgraphFetch
  seed: () => Promise<SeedReport>
  start: () => Promise<void>
  /** Has every part refuse what is new and end its streams, and waits for what runs in them. */
  drain: (withinMs: number) => Promise<void>
  /** Drains where that was not done yet, then stops every part, whatever becomes of the others. @throws what failed, STOP_TIMED_OUT among it */
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

async function openOne(
  options: PlatformOptions,
  { subgraph, ...given }: Pick<ServiceOptions, 'subgraph' | 'front' | 'resolve'> & Keys,
): Promise<Service> {
  const { config, subgraphs, clock, randomness, log } = options
  const databaseUrl = config.databaseUrls[subgraph.name]
  if (!databaseUrl) throw serveError('DATABASE_URL_UNSET', { subgraph: subgraph.name })
  const isReachable = (name: SubgraphName) =>
    subgraphs.some((subgraph) => subgraph.name === name) || config.subgraphUrls[name] !== null
  return openService({
    ...given,
    subgraph,
    databaseUrl,
    clock,
    randomness,
    receivers: SUBGRAPH_NAMES.filter((name) => name !== subgraph.name && isReachable(name)),
    log: log.child({ subgraph: subgraph.name }),
    oddsFeed: config.oddsFeed,
  })
}

/** First the parts, all at the same time, then the front they share. */
const stopParts = (parts: readonly Service[], front: EventFront, drainMs: number) =>
  doInOrder([() => doTogether(parts.map((part) => () => part.stop(drainMs))), front.close])

async function openAll(
  options: PlatformOptions,
  keys: Keys,
  front: EventFront,
): Promise<Map<string, Service>> {
  const services = new Map<string, Service>()
  const resolve = createResolver(options.config, services)
  try {
    for (const subgraph of options.subgraphs) {
      const service = await openOne(options, { ...keys, subgraph, front, resolve })
      services.set(subgraph.name, service)
    }
    return services
  } catch (failure) {
    await stopParts([...services.values()], front, 0).catch((err: unknown) =>
      options.log.error({ err }, 'what was open did not stop'),
    )
    throw failure
  }
}

/** Opens and migrates subgraphs in this process; what was opened is closed when one fails. */
export async function openPlatform(options: PlatformOptions): Promise<Platform> {
  const { config, front = createRingFront() } = options
  if (config.mode === 'embedded') await makeDataDir(config.dataDir)
  const keys = await loadKeys(options)
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
    drain: (withinMs) => doTogether(all.map((service) => () => service.drain(withinMs))),
    stop: (drainMs) => stopParts(all, front, drainMs),
  }
}
