import { systemClock } from '#kernel/clock.ts'
import type { Config } from '#kernel/config.ts'
import { systemRandomness } from '#kernel/ids.ts'
import type { Logger } from '#kernel/log.ts'
import { closeInTime } from './close-in-time.ts'
import { gatewayError } from './errors.ts'
import { createGateway } from './server.ts'
import { settingsFromConfig } from './settings-from-config.ts'

/**
 * A gateway over any Federation 2 supergraph whose subgraphs are on HTTP. There is nobody to ask who
 * a caller is: all are anonymous, and what the supergraph protects stays closed.
 * @throws SUPERGRAPH_INVALID, SUBGRAPH_STREAMS_REFUSED
 */
export async function openStandaloneGateway(config: Config, file: string, log: Logger) {
  refuseSharedCallbacks(config.gateway)
  const gateway = await createGateway({
    supergraph: { file },
    documentsFile: config.gateway.documentsFile,
    settings: settingsFromConfig(config.gateway),
    clock: systemClock,
    randomness: systemRandomness,
    log,
    platform: null,
  })
  const introduce = (url: string) => [
    `GraphQL at ${url}/graphql, health at ${url}/health`,
    ...(config.gateway.isConsoleOn ? [`Playground at ${url}/console/playground`] : []),
  ]
  return { ...gateway, introduce, close: () => closeInTime(gateway, config.gateway) }
}

/** What is posted to a port that workers share would reach any of them. */
function refuseSharedCallbacks({ workers, subgraphStreams }: Config['gateway']): void {
  const isPosted = Object.values(subgraphStreams).includes('callback')
  if (workers > 1 && isPosted) throw gatewayError('SUBGRAPH_STREAMS_REFUSED')
}
