import type { Config } from '#kernel/config.ts'
import type { Logger } from '#kernel/log.ts'
import type { Gateway } from './server.ts'

/** A gateway, and the first lines for whoever started it. */
export type IntroducedGateway = Gateway & { introduce: (url: string) => string[] }

/**
 * Opens the gateway that the configuration asks for: with all subgraphs in this process, before
 * those of a cluster, or alone before a supergraph of its own. Each is loaded when needed: a gateway
 * before others has no subgraphs and no database.
 */
export async function openGateway(config: Config, log: Logger): Promise<IntroducedGateway> {
  const { supergraphFile } = config.gateway
  if (supergraphFile) {
    const { openStandaloneGateway } = await import('./standalone.ts')
    return openStandaloneGateway(config, supergraphFile, log)
  }
  if (config.mode === 'cluster') {
    return (await import('./cluster.ts')).openClusterGateway(config, log)
  }
  return (await import('./local.ts')).openLocalGateway(config, log)
}
