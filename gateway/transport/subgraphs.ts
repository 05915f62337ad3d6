import type { ServiceKeys } from '#kernel/auth/service-keys.ts'
import { mintServiceToken } from '#kernel/auth/service-token.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Randomness } from '#kernel/ids.ts'
import type { SubgraphFetch } from '#kernel/service/subgraph-fetch.ts'
import type { SubgraphSettings } from '../settings.ts'
import { createHttpTransport } from './http.ts'
import { createSubgraph, type Subgraph, type SubgraphWatch, type TokenMint } from './subgraph.ts'

/** Name under which the gateway calls its subgraphs. */
export const GATEWAY_NAME = 'gateway'

/** Every subgraph that the supergraph ever named, each made once. */
export type Subgraphs = {
  at: (address: { name: string; url: string }) => Subgraph
  close: () => Promise<void>
}

export type SubgraphsDeps = {
  /** Subgraphs inside this process, by name; all others are reached over HTTP. */
  local: Readonly<Record<string, SubgraphFetch>>
  mintToken: TokenMint
  settings: SubgraphSettings
  watch: SubgraphWatch
}

/** A subgraph keeps its connections and its breaker from one version of the supergraph to the next. */
export function createSubgraphs(deps: SubgraphsDeps): Subgraphs {
  const http = createHttpTransport(deps.settings)
  const known = new Map<string, Subgraph>()
  return {
    at({ name, url }) {
      const key = `${name} ${url}`
      const subgraph = known.get(key) ?? open(deps, { name, url }, http.fetch)
      known.set(key, subgraph)
      return subgraph
    },
    close: http.close,
  }
}

function open(
  { local, mintToken, settings, watch }: SubgraphsDeps,
  { name, url }: { name: string; url: string },
  overHttp: SubgraphFetch,
): Subgraph {
  const inside = Object.hasOwn(local, name) ? local[name] : undefined
  const fetch = inside ?? overHttp
  return createSubgraph({ name, url, fetch, mintToken, settings, watch })
}

/** Tokens for exactly one subgraph and one body; none where the gateway stands alone. */
export function createTokenMint(
  platform: { keys: ServiceKeys; clock: Clock; randomness: Randomness } | null,
): TokenMint {
  if (!platform) return () => null
  return ({ subgraph, body, viewer }) =>
    mintServiceToken(platform, { caller: GATEWAY_NAME, callee: subgraph, body, viewer })
}
