import { createHash } from 'node:crypto'
import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals'
import type { GraphQLDataSource } from '@apollo/gateway'
import { type GraphQLSchema, parse } from 'graphql'
import { isDomainError } from '#kernel/errors.ts'
import type { Logger } from '#kernel/log.ts'
import {
  type AccessEnforcer,
  createOperationFilter,
  type OperationFilter,
  type PolicyFinder,
} from '../access/enforcer.ts'
import { type ClientOperation, filterOperation } from '../access/filter-operation.ts'
import { ALL_RIGHTS } from '../access/rights.ts'
import { type AccessRules, hasRules } from '../access/scope-rules.ts'
import { type CostTables, readCostTables } from '../demand/cost-table.ts'
import type { SlicingPaths } from '../demand/slicing-paths.ts'
import { gatewayError } from '../errors.ts'
import { createApolloExecutor } from './apollo-executor.ts'
import { apolloSdlOf } from './apollo-sdl.ts'
import { createEngineExecutor } from './engine-executor.ts'
import { createHotOperations, type HotOperations } from './hot-operations.ts'
import { withDeferDirective } from './incremental/defer-directive.ts'
import {
  createIncrementalExecutor,
  type IncrementalExecutor,
} from './incremental/incremental-executor.ts'
import type { ExecutorName, OperationExecutor } from './operation-executor.ts'
import { parseSupergraph } from './parse-supergraph.ts'
import { createPlanCache, type PlanCache } from './plan-cache.ts'
import { createPlanner, type Planner } from './planning/planner.ts'
import type { PlannerProcesses } from './planning/planner-processes.ts'
import type { PlanningSettings } from './planning/planning-settings.ts'
import { createSettling } from './settled-conditions.ts'
import { createSharingOf, type SharingOf } from './sharing-of.ts'
import { disableVendorTelemetry } from './vendor-telemetry.ts'
import { planFiltered } from './warm-supergraph.ts'

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
  /** Answers in parts; null for an executor that cannot. */
  readonly deliver: IncrementalExecutor | null
  readonly plans: PlanCache
  /** On whom the answers to its plans depend. */
  readonly sharing: SharingOf
  /** What is asked of it most. */
  readonly hot: HotOperations
  /** Plans an operation as for somebody who may see all of it; nothing comes of it but the plan. */
  readonly planWhole: (asked: ClientOperation) => Promise<void>
  /** What the fields of each subgraph cost. */
  readonly costs: CostTables
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
  /** Where operations are planned. */
  processes: PlannerProcesses
  planning: PlanningSettings
  log: Logger
}

/** Names an SDL by its content. */
export function versionOf(sdl: string): string {
  return createHash('sha256').update(sdl).digest('base64url')
}

/** What this process needs of a supergraph; the one that plans checks its subgraphs as it reads them. */
function buildSchemas(sdl: string, slicingPaths: SlicingPaths) {
  const supergraph = Supergraph.build(sdl, {
    supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
  })
  return {
    apiSchema: withDeferDirective(supergraph.apiSchema().toGraphQLJSSchema()),
    executionSchema: supergraph.schema.toGraphQLJSSchema(),
    costs: readCostTables(supergraph, slicingPaths),
    subgraphs: supergraph.subgraphsMetadata().map(({ name, url }) => ({ name, url })),
  }
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

async function loadApollo(given: string, { buildDataSource, log }: LoadOptions) {
  const { sdl, beyond } = apolloSdlOf(given)
  if (beyond)
    throw gatewayError('SUPERGRAPH_INVALID', {
      reason: `${beyond} is beyond Apollo's executor; set GATEWAY_EXECUTOR=engine`,
    })
  disableVendorTelemetry()
  const { ApolloGateway } = await import('@apollo/gateway')
  const gateway = new ApolloGateway({
    supergraphSdl: sdl,
    buildService: ({ name, url }) => buildDataSource({ name, url: url ?? '' }),
    logger: quietLogger(log),
    validateSupergraph: true,
    __exposeQueryPlanExperimental: false,
  })
  const { executor: execute } = await gateway.load()
  return { execute, stop: () => gateway.stop() }
}

type Engine = Pick<LoadedSupergraph, 'apiSchema' | 'executionSchema' | 'plans' | 'sharing'>

/** Ours, or Apollo's, which loads and plans for itself. */
async function createExecutors(engine: Engine, sdl: string, options: LoadOptions) {
  const { log } = options
  if (options.executor !== 'apollo') {
    const whole = createEngineExecutor({ ...engine, log })
    const deliver = createIncrementalExecutor({ ...engine, log, whole })
    return { executor: whole, deliver, stop: async () => undefined }
  }
  const { execute, stop } = await loadApollo(sdl, options)
  const executor = createApolloExecutor({ schema: engine.apiSchema, execute, log })
  return { executor, deliver: null, stop }
}

async function load(sdlWithRules: string, planner: Planner, options: LoadOptions) {
  const { rules, reservedKeys, slicingPaths, sdl } = parseSupergraph(sdlWithRules)
  if (hasRules(rules) && !options.enforcer) throw gatewayError('SUPERGRAPH_UNENFORCED')
  const schemas = buildSchemas(sdl, slicingPaths)
  const { refusedMs } = options.planning
  const plans = createPlanCache({ planner, refusedMs, settle: createSettling(parse(sdl)) })
  const sharing = createSharingOf({ schema: schemas.executionSchema, rules })
  const engine = { ...schemas, plans, sharing }
  const { stop, ...executors } = await createExecutors(engine, sdl, options)
  await planner.ready
  return {
    ...{ ...schemas, version: versionOf(sdlWithRules), sdl, rules, plans, sharing },
    ...executors,
    ...createOperationFilter(
      { schema: schemas.apiSchema, rules, reservedKeys },
      options.enforcer ?? { policies: {} },
      options.log,
    ),
    hot: createHotOperations(),
    planWhole: async (asked: ClientOperation) => {
      const ruled = { schema: schemas.apiSchema, rules, reservedKeys, rights: ALL_RIGHTS }
      await planFiltered(plans, filterOperation(asked, ruled))
    },
    dispose: async () => {
      planner.release()
      await stop()
    },
  }
}

/**
 * Reads a supergraph completely: its access rules, its schemas, its planner.
 * Throws SUPERGRAPH_INVALID, or SUPERGRAPH_UNENFORCED when it carries rules and there is no enforcer.
 */
export async function loadSupergraph(sdl: string, options: LoadOptions): Promise<LoadedSupergraph> {
  const { processes, planning: settings, log } = options
  const planner = createPlanner({ version: versionOf(sdl), sdl, processes, settings, log })
  try {
    return await load(sdl, planner, options)
  } catch (cause) {
    planner.release()
    if (isDomainError(cause)) throw cause
    const reason = cause instanceof Error ? cause.message.slice(0, 500) : 'unreadable'
    throw gatewayError('SUPERGRAPH_INVALID', { reason }, { cause })
  }
}
