import type { ExecutionResult } from 'graphql'
import { isDomainError } from '#kernel/errors.ts'
import type { Logger } from '#kernel/log.ts'
import { asAsker } from '../access/asked-as.ts'
import type { FetchSubgraph, ReportFailure } from '../engine/execute-plan.ts'
import type { GroupOf } from '../engine/fetches-together.ts'
import type { StreamSubgraph } from '../engine/subscribe.ts'
import { gatewayError } from '../errors.ts'
import type { GatewaySettings } from '../settings.ts'
import type { LoadedSupergraph } from '../supergraph.ts'
import type { InFlight } from './in-flight.ts'
import type { Subgraph, SubgraphCaller } from './subgraph.ts'
import type { Subgraphs } from './subgraphs.ts'

export type WaysDeps = {
  subgraphs: Subgraphs
  settings: Pick<GatewaySettings, 'sharing'>
  /** Whole answers that are under way. */
  answers: InFlight<ExecutionResult>
  log: Logger
}

type Fetched = { subgraph: string; requestId: string }

function reportFetch(log: Logger, failure: unknown, fetched: Fetched): void {
  if (isDomainError(failure))
    log.warn({ ...fetched, err: failure.cause, code: failure.code }, 'fetch failed')
  else log.error({ ...fetched, err: failure }, 'a fetch failed')
}

/** How the engine reaches the subgraphs of one supergraph on behalf of whoever asks. */
export function waysTo(deps: WaysDeps, loaded: LoadedSupergraph, caller: SubgraphCaller) {
  const subgraphOf = (name: string) => subgraphNamed(deps.subgraphs, loaded, name)
  const { tellsWho } = deps.subgraphs
  const askedAs = asAsker(caller.viewer, { isOn: deps.settings.sharing, tellsWho })
  const fetchSubgraph: FetchSubgraph = (name, request, signal) => {
    const inName = request.fetch && askedAs(loaded.sharing.ofFetch(request.fetch))
    return subgraphOf(name).execute(request, { ...caller, ...inName, signal })
  }
  const streamSubgraph: StreamSubgraph = (name, request, signal) =>
    subgraphOf(name).subscribe(request, { ...caller, signal })
  const report: ReportFailure = (failure, subgraph) =>
    reportFetch(deps.log, failure, { subgraph, requestId: caller.requestId })
  return {
    ...{ fetchSubgraph, streamSubgraph, report },
    groupOf: groupsOf(deps, loaded),
    sharing: { askedAs, answers: deps.answers },
  }
}

/** What only its asker may be told would make all that travels with it their own. */
function groupsOf({ subgraphs, settings }: WaysDeps, { sharing }: LoadedSupergraph): GroupOf {
  if (!subgraphs.tellsWho || !settings.sharing) return () => ''
  return (fetch) => sharing.ofFetch(fetch).sharing
}

function subgraphNamed(subgraphs: Subgraphs, loaded: LoadedSupergraph, name: string): Subgraph {
  const address = loaded.subgraphs.find((subgraph) => subgraph.name === name)
  if (!address) throw gatewayError('SUBGRAPH_UNREACHABLE', { subgraph: name })
  return subgraphs.at(address)
}
