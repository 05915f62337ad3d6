import { enforcerFor } from './access/access-settings.ts'
import type { Documents } from './documents/documents.ts'
import type { GatewayOptions } from './gateway-options.ts'
import { createSupergraph, type SupergraphService } from './supergraph.ts'
import { createDataSource } from './transport/data-source.ts'
import type { Subgraphs } from './transport/subgraphs.ts'

/** The supergraph of a gateway, planned ahead for its documents. @throws SUPERGRAPH_INVALID */
export function openSupergraph(
  { supergraph, policies, settings, processes, log }: GatewayOptions,
  subgraphs: Subgraphs,
  documents: Documents,
): Promise<SupergraphService> {
  return createSupergraph({
    ...supergraph,
    buildDataSource: (address) => createDataSource(subgraphs.at(address), log),
    enforcer: enforcerFor(settings.access, policies),
    executor: settings.executor,
    ...{ processes, planning: settings.planning },
    documents: () => documents.manifest().documents,
    log,
  })
}
