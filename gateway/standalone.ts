import { systemClock } from '#kernel/clock.ts'
import type { Config } from '#kernel/config.ts'
import { systemRandomness } from '#kernel/ids.ts'
import type { Logger } from '#kernel/log.ts'
import { closeInTime } from './close-in-time.ts'
import { createGateway } from './server.ts'
import { settingsFromConfig } from './settings-from-config.ts'

/**
 * A gateway over any Federation 2 supergraph whose subgraphs are on HTTP. There is nobody to ask who
 * a caller is: all are anonymous, and what the supergraph protects stays closed.
 * @throws SUPERGRAPH_INVALID
 */
export async function openStandaloneGateway(config: Config, file: string, log: Logger) {
  const gateway = await createGateway({
    supergraph: { file },
    documentsFile: config.gateway.documentsFile,
    settings: settingsFromConfig(config.gateway),
    clock: systemClock,
    randomness: systemRandomness,
    log,
    platform: null,
  })
  const introduce = (url: string) => [`GraphQL at ${url}/graphql, health at ${url}/health`]
  return { ...gateway, introduce, close: () => closeInTime(gateway, config.gateway) }
}
