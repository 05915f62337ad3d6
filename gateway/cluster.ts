import { fileURLToPath } from 'node:url'
import { ACCESS_TOKEN_AUDIENCE, ACCESS_TOKEN_ISSUER } from '#kernel/auth/access-token.ts'
import { deriveServiceKeys, masterSecretOf } from '#kernel/auth/service-keys.ts'
import { SUBGRAPH_NAMES, type SubgraphName } from '#kernel/auth/service-names.ts'
import { systemClock } from '#kernel/clock.ts'
import type { Config } from '#kernel/config.ts'
import { createCounters } from '#kernel/counters/counters.ts'
import { schemaVersion } from '#kernel/graphql/schema-version.ts'
import { systemRandomness } from '#kernel/ids.ts'
import type { Logger } from '#kernel/log.ts'
import { doInOrder } from '#kernel/serve/do-all.ts'
import { serveError } from '#kernel/serve/errors.ts'
import { closeInTime } from './close-in-time.ts'
import type { IntroducedGateway } from './open-gateway.ts'
import { createGateway } from './server.ts'
import { settingsFromConfig } from './settings-from-config.ts'
import { startSubgraphHealth } from './subgraph-health.ts'
import { createHttpTransport } from './transport/http.ts'

const SUPERGRAPH = fileURLToPath(new URL('../schema/supergraph.graphql', import.meta.url))
const DOCUMENTS = fileURLToPath(new URL('../schema/documents.json', import.meta.url))

type PerSubgraph = Readonly<Record<SubgraphName, string>>

function urlsOf({ subgraphUrls }: Config): PerSubgraph {
  const entries = SUBGRAPH_NAMES.map((name) => {
    const url = subgraphUrls[name]
    if (url === null) throw serveError('SUBGRAPH_UNKNOWN', { subgraph: name })
    return [name, url] as const
  })
  // Every name has its entry.
  return Object.fromEntries(entries) as PerSubgraph
}

async function schemasOf(): Promise<PerSubgraph> {
  const entries = SUBGRAPH_NAMES.map(async (name) => [name, await schemaVersion(name)] as const)
  return Object.fromEntries(await Promise.all(entries)) as PerSubgraph
}

const introduce = (url: string, urls: PerSubgraph) => [
  `GraphQL at ${url}/graphql, health at ${url}/health and ${url}/ready`,
  ...SUBGRAPH_NAMES.map((name) => `${name}: ${urls[name]}`),
]

/**
 * A gateway before subgraphs on other addresses. It starts whether they are there or not: what it
 * cannot reach it says in `/ready`, and answers with codes. @throws SUPERGRAPH_INVALID
 */
export async function openClusterGateway(config: Config, log: Logger): Promise<IntroducedGateway> {
  const urls = urlsOf(config)
  const settings = settingsFromConfig(config.gateway)
  const looking = createHttpTransport(settings.subgraph)
  const health = startSubgraphHealth({
    urls,
    schemas: await schemasOf(),
    fetch: looking.fetch,
    log,
  })
  const { redis } = config
  const counters = await createCounters({ redis, name: 'gateway-budgets', clock: systemClock, log })
  const stopLooking = () => doInOrder([health.close, looking.close, counters.close])
  const opening = createGateway({
    supergraph: { file: config.gateway.schemaFile ?? SUPERGRAPH },
    documentsFile: config.gateway.documentsFile ?? DOCUMENTS,
    ownDocumentsFile: config.gateway.isConsoleOn ? DOCUMENTS : null,
    settings,
    counters,
    clock: systemClock,
    randomness: systemRandomness,
    log,
    platform: {
      serviceKeys: deriveServiceKeys(masterSecretOf(config.serviceSecret, null)),
      identity: { url: urls.identity, fetch: looking.fetch },
      issuer: ACCESS_TOKEN_ISSUER,
      audience: ACCESS_TOKEN_AUDIENCE,
    },
    subgraphUrls: urls,
    subgraphs: async () => health.current(),
  })
  const gateway = await opening.catch(async (failure: unknown) => {
    await stopLooking()
    throw failure
  })
  return {
    ...gateway,
    introduce: (url) => introduce(url, urls),
    close: () => doInOrder([() => closeInTime(gateway, config.gateway), stopLooking]),
  }
}
