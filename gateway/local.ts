import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ACCESS_TOKEN_AUDIENCE, ACCESS_TOKEN_ISSUER } from '#kernel/auth/access-token.ts'
import { systemClock } from '#kernel/clock.ts'
import type { Config, GatewayConfig } from '#kernel/config.ts'
import { systemRandomness } from '#kernel/ids.ts'
import type { Logger } from '#kernel/log.ts'
import { holdDataDir } from '#kernel/serve/data-dir.ts'
import { doInOrder } from '#kernel/serve/do-all.ts'
import { openPlatform, type Platform } from '#kernel/serve/platform.ts'
import { ai } from '#subgraphs/ai/subgraph.ts'
import { analytics } from '#subgraphs/analytics/subgraph.ts'
import { compliance } from '#subgraphs/compliance/subgraph.ts'
import { identity } from '#subgraphs/identity/subgraph.ts'
import { tenancy } from '#subgraphs/tenancy/subgraph.ts'
import { closeInTime } from './close-in-time.ts'
import {
  createPlannerProcesses,
  type PlannerProcesses,
} from './engine/planning/planner-processes.ts'
import type { GatewayOptions } from './gateway-options.ts'
import { createGateway, type Gateway } from './server.ts'
import { defaultSettings } from './settings.ts'
import { settingsFromConfig } from './settings-from-config.ts'

const SUPERGRAPH = fileURLToPath(new URL('../schema/supergraph.graphql', import.meta.url))
const DOCUMENTS = fileURLToPath(new URL('../schema/documents.json', import.meta.url))
const SUBGRAPHS = [identity, tenancy, ai, compliance, analytics]

/** The whole platform in one process. */
export type LocalGateway = Gateway & {
  platform: Platform
  /** The first lines for whoever started it. */
  introduce: (url: string) => string[]
}

async function openGateway(
  config: Config,
  platform: Platform,
  { processes, log }: Pick<GatewayOptions, 'processes' | 'log'>,
): Promise<Gateway> {
  const local = platform.services.map(({ name, fetch }) => [name, fetch] as const)
  return createGateway({
    supergraph: { file: config.gateway.schemaFile ?? SUPERGRAPH },
    documentsFile: config.gateway.documentsFile ?? DOCUMENTS,
    ownDocumentsFile: config.gateway.isConsoleOn ? DOCUMENTS : null,
    settings: settingsFromConfig(config.gateway),
    clock: systemClock,
    randomness: systemRandomness,
    ...{ processes, log },
    platform: {
      serviceKeys: platform.serviceKeys,
      identity: { url: 'http://identity.local', fetch: platform.fetchOf('identity') },
      issuer: ACCESS_TOKEN_ISSUER,
      audience: ACCESS_TOKEN_AUDIENCE,
    },
    localSubgraphs: Object.fromEntries(local),
    subgraphs: async () => {
      const answers = local.map(async ([name, fetch]) => {
        const { ok: isReady } = await fetch(new Request(`http://${name}.local/ready`))
        return [name, { isReady, reason: null }] as const
      })
      return Object.fromEntries(await Promise.all(answers))
    },
  })
}

function introduce(url: string, demo: readonly string[], config: Config): string[] {
  const databases = SUBGRAPHS.map(({ name }) => config.databaseUrls[name] ?? '')
  const isOnFiles = databases.every((database) => database.startsWith('sqlite:'))
  const data = isOnFiles ? resolve(config.dataDir) : 'the databases that DATABASE_URL_… name'
  return [
    `Console: ${url}/console/`,
    `GraphQL: ${url}/graphql, to try out under ${url}/console/playground`,
    ...demo,
    `Odds: ${config.oddsFeed.kind === 'simulator' ? 'a simulator (invented clubs, invented prices)' : config.oddsFeed.kind}`,
    `Data: ${data}`,
    'Stop with Ctrl-C; a second one does not wait for what still runs.',
  ]
}

/**
 * Opens, migrates, seeds and starts every subgraph in this process, and a gateway before them. The
 * subgraphs are asked through the same doors, with the same tokens, as over a network.
 */
export async function openLocalGateway(
  config: Config,
  log: Logger,
  shared?: PlannerProcesses,
): Promise<LocalGateway> {
  const letGo = await holdDataDir(config.dataDir)
  const processes = shared ?? createPlannerProcesses(defaultSettings.planning)
  // Its code is read while the databases are opened.
  processes.prepare()
  const leave = async () => {
    if (!shared) await processes.close()
    letGo()
  }
  try {
    const local = await openLocal(config, log, processes)
    const close = () => local.close().finally(leave)
    return { ...local, close }
  } catch (failure) {
    await leave()
    throw failure
  }
}

/** First the door, then what is behind it, whatever became of the door. @throws STOP_TIMED_OUT */
const closeBoth = (gateway: Gateway, platform: Platform, bounds: GatewayConfig): Promise<void> =>
  doInOrder([() => closeInTime(gateway, bounds), () => platform.stop(bounds.drainMs)])

async function openLocal(
  config: Config,
  log: Logger,
  processes: PlannerProcesses,
): Promise<LocalGateway> {
  const platform = await openPlatform({
    config,
    subgraphs: SUBGRAPHS,
    clock: systemClock,
    randomness: systemRandomness,
    log,
  })
  try {
    const { lines } = await platform.seed()
    await platform.start()
    const gateway = await openGateway(config, platform, { processes, log })
    return {
      ...gateway,
      platform,
      introduce: (url) => introduce(url, lines, config),
      close: () => closeBoth(gateway, platform, config.gateway),
    }
  } catch (failure) {
    await platform.stop(0).catch((err: unknown) => log.error({ err }, 'what was open did not stop'))
    throw failure
  }
}
