import {
  type CalleeTokens,
  type CalleeTokensDeps,
  createCalleeTokens,
} from '#kernel/auth/callee-tokens.ts'
import { exchangeOver } from '#kernel/service/exchange.ts'
import type { SubgraphFetch } from '#kernel/service/subgraph-fetch.ts'
import { gatewayError } from '../errors.ts'
import { type Callbacks, createCallbacks } from './callbacks.ts'
import { createHttpTransport } from './http.ts'
import { createInFlight } from './in-flight.ts'
import { openSocketStream } from './socket-stream.ts'
import { createSubgraph, type Received, type Subgraph, type SubgraphDeps } from './subgraph.ts'

/** Name under which the gateway calls its subgraphs. */
export const GATEWAY_NAME = 'gateway'

/** Every subgraph that the supergraph ever named, each made once. */
export type Subgraphs = {
  at: (address: { name: string; url: string }) => Subgraph
  /** False where subgraphs hear nothing of who asks. */
  tellsWho: boolean
  /** Answers what a subgraph posts of a subscription; false for all other requests. */
  takeCallback: Callbacks['take']
  close: () => Promise<void>
}

export type SubgraphsDeps = {
  /** Subgraphs inside this process, by name; all others are reached over HTTP. */
  local: Readonly<Record<string, SubgraphFetch>>
  /** Base URLs, by name, in place of the addresses asked for. */
  urls?: Readonly<Record<string, string>>
  /** Told when a change was answered by any of them, or may have been made. */
  changed?: (() => void) | undefined
} & Pick<SubgraphDeps, 'tokens' | 'settings' | 'randomness' | 'log' | 'watch'>

/**
 * A subgraph keeps its connections and its gate from one version of the supergraph to the next.
 * @throws SUBGRAPH_STREAMS_REFUSED
 */
export function createSubgraphs(deps: SubgraphsDeps): Subgraphs {
  refuseStreams(deps)
  const http = createHttpTransport(deps.settings)
  const callbacks = createCallbacks({ ...deps, ...http, publicUrl: deps.settings.callbackUrl })
  const inFlight = createInFlight<Received>()
  // Whoever changed something and asks then must not be told what was so before.
  const changed = () => {
    inFlight.close()
    deps.changed?.()
  }
  const known = new Map<string, Subgraph>()
  return {
    tellsWho: deps.tokens !== null,
    at({ name, url: stated }) {
      const { urls = {} } = deps
      const url = Object.hasOwn(urls, name) ? `${urls[name]}/graphql` : stated
      const key = `${name} ${url}`
      const subgraph =
        known.get(key) ?? open({ ...deps, inFlight, changed, callbacks }, { name, url }, http)
      known.set(key, subgraph)
      return subgraph
    },
    takeCallback: callbacks.take,
    close: http.close,
  }
}

function open(
  {
    local,
    callbacks,
    ...deps
  }: SubgraphsDeps & Pick<SubgraphDeps, 'inFlight' | 'changed'> & { callbacks: Callbacks },
  { name, url }: { name: string; url: string },
  overHttp: Pick<SubgraphDeps, 'fetch' | 'exchange'>,
): Subgraph {
  const inside = Object.hasOwn(local, name) ? local[name] : undefined
  const way = inside ? { fetch: inside, exchange: exchangeOver(inside) } : overHttp
  const { streams } = deps.settings
  const stream = !inside && Object.hasOwn(streams, name) ? streams[name] : undefined
  const openStream = stream && { ws: openSocketStream, callback: callbacks.open }[stream]
  return createSubgraph({ ...deps, ...way, openStream, name, url })
}

/** Tokens are bound to each request, and a callback has to reach the gateway that asked. */
function refuseStreams({ tokens, settings }: SubgraphsDeps): void {
  const asked = Object.values(settings.streams)
  if (tokens !== null && asked.length > 0) throw gatewayError('SUBGRAPH_STREAMS_REFUSED')
  if (settings.callbackUrl === null && asked.includes('callback'))
    throw gatewayError('SUBGRAPH_STREAMS_REFUSED')
}

/** Tokens in the name of the gateway; none where it stands alone. */
export function createGatewayTokens(
  platform: Omit<CalleeTokensDeps, 'caller'> | null,
): CalleeTokens | null {
  return platform && createCalleeTokens({ ...platform, caller: GATEWAY_NAME })
}
