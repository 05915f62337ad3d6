import { deriveServiceKeys, masterSecretOf, type ServiceKeys } from '../auth/service-keys.ts'
import { SUBGRAPH_NAMES, type SubgraphName } from '../auth/service-names.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config.ts'
import type { OperatorKeys } from '../crypto/operator-key.ts'
import { loadOperatorKeys } from '../crypto/operator-key-file.ts'
import type { Randomness } from '../ids.ts'
import type { Logger } from '../log.ts'
import type { SeedReport, Subgraph } from '../service/subgraph.ts'
import type { ServiceAddress, SubgraphFetch } from '../service/subgraph-fetch.ts'
import { makeDataDir } from './data-dir.ts'
import { doInOrder, doTogether } from './do-all.ts'
import { serveError } from './errors.ts'
import { openService, type Service, type ServiceOptions, type Waiting } from './open-service.ts'
import { type FrontOf, openSharedParts, type SharedParts } from './shared-parts.ts'

export type PlatformOptions = {
  config: Config
  subgraphs: readonly Subgraph[]
  clock: Clock
  randomness: Randomness
  log: Logger
  /** What carries the events of a subgraph; by default as the configuration says. */
  frontOf?: FrontOf
  /** Waits for databases that are not there yet; without it their absence is a failure. */
  waiting?: Waiting
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
function createResolver(
  { subgraphUrls }: Config,
  services: ReadonlyMap<string, Service>,
  remote: SubgraphFetch,
) {
  return (callee: string): ServiceAddress => {
    const local = services.get(callee)
    if (local) return { url: `http://${callee}.local`, fetch: local.fetch }
    const url = subgraphUrls[callee as SubgraphName]
    if (!url) throw serveError('SUBGRAPH_UNKNOWN', { subgraph: callee })
    return { url, fetch: remote }
  }
}

async function openOne(
  options: PlatformOptions,
  {
    subgraph,
    ...given
  }: Pick<ServiceOptions, 'subgraph' | 'front' | 'counters' | 'resolve'> & Keys,
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
    databaseBounds: config.database,
    waiting: options.waiting,
    clock,
    isClockOfDatabase: config.mode === 'cluster',
    randomness,
    receivers: SUBGRAPH_NAMES.filter((name) => name !== subgraph.name && isReachable(name)),
    log: log.child({ subgraph: subgraph.name }),
    oddsFeed: config.oddsFeed,
    // The embedded run has its demo world.
    firstOperator: config.mode === 'cluster' ? config.firstOperator : null,
  })
}

/** First the services, all at the same time, then what they share. */
const stopAll = (services: readonly Service[], shared: SharedParts, drainMs: number) =>
  doInOrder([
    () => doTogether(services.map((service) => () => service.stop(drainMs))),
    shared.close,
  ])

async function openAll(
  options: PlatformOptions,
  keys: Keys,
  shared: SharedParts,
): Promise<Map<string, Service>> {
  const services = new Map<string, Service>()
  const resolve = createResolver(options.config, services, shared.fetch)
  const { counters } = shared
  try {
    for (const subgraph of options.subgraphs) {
      const front = shared.frontOf(subgraph.name)
      const service = await openOne(options, { ...keys, subgraph, front, counters, resolve })
      services.set(subgraph.name, service)
    }
    return services
  } catch (failure) {
    await stopAll([...services.values()], shared, 0).catch((err: unknown) =>
      options.log.error({ err }, 'what was open did not stop'),
    )
    throw failure
  }
}

/** The demo world's passwords are known to everybody. @throws DEMO_EMBEDDED_ONLY */
export function requireDemoMode({ mode }: Config): void {
  if (mode !== 'embedded') throw serveError('DEMO_EMBEDDED_ONLY')
}

/** Opens and migrates subgraphs in this process; what was opened is closed when one fails. */
export async function openPlatform(options: PlatformOptions): Promise<Platform> {
  if (options.config.mode === 'embedded') await makeDataDir(options.config.dataDir)
  const keys = await loadKeys(options)
  const shared = await openSharedParts(options)
  const services = await openAll(options, keys, shared)
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
      requireDemoMode(options.config)
      const lines: string[] = []
      for (const service of all) lines.push(...(await service.seed()).lines)
      return { lines }
    },
    start: async () => {
      for (const service of all) await service.start()
    },
    drain: (withinMs) => doTogether(all.map((service) => () => service.drain(withinMs))),
    stop: (drainMs) => stopAll(all, shared, drainMs),
  }
}
