import { createHash } from 'node:crypto'
import {
  ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
  type Schema,
  Supergraph,
} from '@apollo/federation-internals'
import { ApolloGateway, type GraphQLDataSource } from '@apollo/gateway'
import { QueryPlanner } from '@apollo/query-planner'
import { type GraphQLSchema, parse, print } from 'graphql'
import { isDomainError } from '#kernel/errors.ts'
import type { Logger } from '#kernel/log.ts'
import {
  type AccessEnforcer,
  createOperationFilter,
  type OperationFilter,
  type PolicyFinder,
} from '../access/enforcer.ts'
import { resolveAccessFeatures } from '../access/linked-features.ts'
import { type ReservedKeys, readReservedKeys } from '../access/reserved-keys.ts'
import { type AccessRules, hasRules, readAccessRules } from '../access/scope-rules.ts'
import { withoutAccessRules } from '../access/strip-rules.ts'
import { gatewayError } from '../errors.ts'
import { createApolloExecutor } from './apollo-executor.ts'
import { apolloSdlOf } from './apollo-sdl.ts'
import { createEngineExecutor } from './engine-executor.ts'
import type { ExecutorName, OperationExecutor } from './operation-executor.ts'
import { createPlanCache, type PlanCache } from './plan-cache.ts'
import { createSharingOf, type SharingOf } from './sharing-of.ts'
import { disableVendorTelemetry } from './vendor-telemetry.ts'

/** Where a subgraph is, as the supergraph says. */
export type SubgraphAddress = { name: string; url: string }

export type BuildDataSource = (subgraph: SubgraphAddress) => GraphQLDataSource

/** One version of the supergraph with all that serves it. It never changes once it is loaded. */
export type LoadedSupergraph = {
  /** SHA-256 of the SDL as it was given. */
  readonly version: string
  /** The SDL without access rules. */
  readonly sdl: string
  /** What clients see and operations are validated against. */
  readonly apiSchema: GraphQLSchema
  /** What plans speak of: every type of every subgraph. */
  readonly executionSchema: GraphQLSchema
  readonly subgraphs: readonly SubgraphAddress[]
  readonly rules: AccessRules
  /** The only maker of what `executor` and `plans` take. */
  readonly authorise: OperationFilter
  /** The policies that `authorise` is to be told of. */
  readonly policiesFor: PolicyFinder
  readonly executor: OperationExecutor
  readonly planner: QueryPlanner
  readonly plans: PlanCache
  /** On whom the answers to its plans depend. */
  readonly sharing: SharingOf
  /** Frees what this version holds, once nothing new is asked of it. */
  readonly dispose: () => Promise<void>
}

/** What a version of the supergraph is loaded with. */
export type LoadOptions = {
  buildDataSource: BuildDataSource
  /** Null only for a supergraph without access rules. */
  enforcer: AccessEnforcer | null
  /** By default our own. */
  executor?: ExecutorName | undefined
  log: Logger
}

/** Names an SDL by its content. */
export function versionOf(sdl: string): string {
  return createHash('sha256').update(sdl).digest('base64url')
}

type ParsedSupergraph = { rules: AccessRules; reservedKeys: ReservedKeys; sdl: string }

function parseSupergraph(sdl: string): ParsedSupergraph {
  const document = parse(sdl, { noLocation: true })
  const features = resolveAccessFeatures(document)
  const rules = readAccessRules(document, features)
  const reservedKeys = readReservedKeys(document)
  return { rules, reservedKeys, sdl: print(withoutAccessRules(document, features)) }
}

function buildPlanner(sdl: string) {
  const supergraph = Supergraph.build(sdl, {
    supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
  })
  const planner = new QueryPlanner(supergraph)
  return { supergraph, planner, apiSchema: supergraph.apiSchema() }
}

/** Apollo logs with the methods of a console; its chatter of each load is of no use to an operator. */
function quietLogger(log: Logger) {
  return {
    debug: (message: unknown) => log.debug(String(message)),
    info: (message: unknown) => log.debug(String(message)),
    warn: (message: unknown) => log.warn(String(message)),
    error: (message: unknown) => log.error(String(message)),
  }
}

async function loadApollo(given: string, { buildDataSource, executor: chosen, log }: LoadOptions) {
  const { sdl, beyond } = apolloSdlOf(given)
  if (beyond && chosen === 'apollo')
    throw gatewayError('SUPERGRAPH_INVALID', {
      reason: `${beyond} is beyond Apollo's executor; set GATEWAY_EXECUTOR=engine`,
    })
  disableVendorTelemetry()
  const gateway = new ApolloGateway({
    supergraphSdl: sdl,
    buildService: ({ name, url }) => buildDataSource({ name, url: url ?? '' }),
    logger: quietLogger(log),
    validateSupergraph: true,
    __exposeQueryPlanExperimental: false,
  })
  const { schema, executor } = await gateway.load()
  return { gateway, schema, executor }
}

function subgraphsOf(supergraph: Supergraph): SubgraphAddress[] {
  return supergraph.subgraphsMetadata().map(({ name, url }) => ({ name, url }))
}

async function load(sdlWithRules: string, options: LoadOptions): Promise<LoadedSupergraph> {
  const { rules, reservedKeys, sdl } = parseSupergraph(sdlWithRules)
  if (hasRules(rules) && !options.enforcer) throw gatewayError('SUPERGRAPH_UNENFORCED')
  const { supergraph, planner, apiSchema } = buildPlanner(sdl)
  const { gateway, schema, executor: execute } = await loadApollo(sdl, options)
  const executionSchema = toGraphQL(supergraph.schema)
  const plans = createPlanCache({ planner, apiSchema })
  const sharing = createSharingOf({ schema: executionSchema, rules })
  const { executor = 'engine', log } = options
  return {
    version: versionOf(sdlWithRules),
    sdl,
    apiSchema: schema,
    executionSchema,
    subgraphs: subgraphsOf(supergraph),
    rules,
    ...createOperationFilter(
      { schema, rules, reservedKeys },
      options.enforcer ?? { policies: {} },
      log,
    ),
    executor:
      executor === 'engine'
        ? createEngineExecutor({ apiSchema: schema, executionSchema, plans, sharing, log })
        : createApolloExecutor({ schema, execute, log }),
    planner,
    plans,
    sharing,
    dispose: () => gateway.stop(),
  }
}

function toGraphQL(schema: Schema): GraphQLSchema {
  return schema.toGraphQLJSSchema()
}

/**
 * Reads a supergraph completely: its access rules, its planner, its gateway.
 * Throws SUPERGRAPH_INVALID, or SUPERGRAPH_UNENFORCED when it carries rules and there is no enforcer.
 */
export async function loadSupergraph(sdl: string, options: LoadOptions): Promise<LoadedSupergraph> {
  try {
    return await load(sdl, options)
  } catch (cause) {
    if (isDomainError(cause)) throw cause
    const reason = cause instanceof Error ? cause.message.slice(0, 500) : 'unreadable'
    throw gatewayError('SUPERGRAPH_INVALID', { reason }, { cause })
  }
}
