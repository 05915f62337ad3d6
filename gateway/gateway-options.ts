import type { ServiceKeys } from '#kernel/auth/service-keys.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Counters } from '#kernel/counters/counters.ts'
import type { Randomness } from '#kernel/ids.ts'
import type { Logger } from '#kernel/log.ts'
import type { ServiceAddress, SubgraphFetch } from '#kernel/service/subgraph-fetch.ts'
import type { Policies } from './access/policies.ts'
import type { PlannerProcesses } from './engine/planning/planner-processes.ts'
import type { SubgraphState } from './readiness.ts'
import type { GatewaySettings } from './settings.ts'
import type { SupergraphSource } from './supergraph.ts'

/** The platform behind the gateway: who may be believed, and how to speak so that one is believed. */
export type Platform = {
  /** For the token that every fetch carries. */
  serviceKeys: ServiceKeys
  /** Where tokens, keys and revocations are known. */
  identity: ServiceAddress
  /** As identity writes them into access tokens. */
  issuer: string
  audience: string
}

/** What a gateway is built from. */
export type GatewayOptions = {
  supergraph: SupergraphSource
  settings: GatewaySettings
  /** Manifest of the documents that clients may name. */
  documentsFile?: string | null
  /** Manifest of what the console asks: taken wherever documents are taken. */
  ownDocumentsFile?: string | null
  clock: Clock
  randomness: Randomness
  log: Logger
  /** Null where the gateway stands alone: everybody is nobody, and access rules still hold. */
  platform: Platform | null
  /** Where budgets are kept; by default in this process alone. */
  counters?: Counters
  /** Subgraphs within this process, by name; all others are reached at their URL. */
  localSubgraphs?: Readonly<Record<string, SubgraphFetch>>
  /** Base URLs of subgraphs by name, in place of the addresses that the supergraph holds. */
  subgraphUrls?: Readonly<Record<string, string>>
  /** Where operations are planned; by default in processes of its own. */
  processes?: PlannerProcesses | undefined
  /** Functions that `@policy` names. */
  policies?: Policies
  /** For `/ready`: what is seen of each subgraph. */
  subgraphs?: () => Promise<Readonly<Record<string, SubgraphState>>>
  /** Where the built console lies, if not in its usual place. */
  consoleFolder?: string
}
