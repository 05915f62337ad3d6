import type {
  ConditionNode,
  DeferNode,
  FetchNode,
  FlattenNode,
  PlanNode,
} from '@apollo/query-planner'
import {
  type GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  isObjectType,
} from 'graphql'
import { isDomainError } from '#kernel/errors.ts'
import { gatewayError } from '../errors.ts'
import { contextualFetchOf, takesContext } from './context-arguments.ts'
import { type AskTogether, createTogether, type GroupOf } from './fetches-together.ts'
import type { NodeObserver } from './observer.ts'
import { isJsonObject, type JsonObject, mergeInto } from './own-properties.ts'
import { errorsOfEntities, type Received } from './placed-errors.ts'
import { objectsAt, type PlanPath, placesOf } from './plan-paths.ts'
import { representationsOf } from './representations.ts'
import { beginningOf, usedVariables } from './request-text.ts'
import { applyRewrites } from './rewrites.ts'
import { failedFetch, MAX_ERRORS, placedError } from './subgraph-errors.ts'

/** One operation for one subgraph. */
export type SubgraphRequest = {
  kind: 'query' | 'mutation' | 'subscription'
  query: string
  readonly variables: JsonObject
  operationName?: string | undefined
  extensions?: JsonObject | undefined
  /** All of it as JSON, where that is at hand. */
  text?: string | undefined
  /** A header, no part of the body. */
  traceparent?: string | undefined
  /** The part of a plan that asks. */
  fetch?: FetchNode | undefined
}

/** An answer of a subgraph. Its data belongs to the engine from then on, which writes into it. */
export type SubgraphAnswer = {
  data?: JsonObject | null | undefined
  errors?: readonly GraphQLFormattedError[] | undefined
  extensions?: JsonObject | undefined
  /** How long the answer may be kept, as its subgraph says. */
  cacheControl?: string | undefined
}

export type FetchSubgraph = (
  serviceName: string,
  request: SubgraphRequest,
  signal: AbortSignal,
) => Promise<SubgraphAnswer>

/** What a plan is executed with. */
export type PlanExecution = {
  node: PlanNode | undefined
  /** What is known already; the answer is written into it. */
  data: JsonObject
  /** Coerced, with defaults. */
  variables: Readonly<JsonObject>
  /** The schema that plans speak of (`executionSchema`), not the API schema. */
  schema: GraphQLSchema
  fetchSubgraph: FetchSubgraph
  signal: AbortSignal
  report: ReportFailure
  /** Fetches of a moment travel together as far as this lets them; without it each goes alone. */
  groupOf?: GroupOf | undefined
  observer?: NodeObserver | undefined
}

/** Told of failures without a code, or with a cause: the client hears the code at most. */
export type ReportFailure = (failure: unknown, serviceName: string) => void

/** What the subgraphs answered to a plan; more than was asked, and not checked yet. */
export type Fetched = {
  data: JsonObject
  errors: GraphQLError[]
  /** Lists and objects of it that stand in several places; they are the same in each. */
  shared: ReadonlySet<object>
}

/** A plan on its way; what may be left out is for plans with deferred blocks (`run-deferred.ts`). */
export type PlanRun = Omit<PlanExecution, 'node'> & {
  errors: GraphQLError[]
  /** Lists and objects that stand in several places of the answer, each equal to the others. */
  shared: Set<object>
  /** Equal things may differ by what stands above them, so nothing may stand in several places. */
  isApart: boolean
  /** By default what was fetched later is laid over what is there. */
  merge?: typeof mergeInto
  /** Told of each fetch that deferred blocks depend on, whatever became of it. */
  fetched?: (id: string) => void
  defer?: (run: PlanRun, node: DeferNode, path: PlanPath) => Promise<void>
  askTogether?: AskTogether | undefined
}
type Target = { path: PlanPath; objects: readonly JsonObject[] }

/**
 * Executes a plan. Fetches that fail leave their part out and an error at its place; the rest is
 * answered. Throws only the reason of an aborted signal, or for a plan that it does not understand.
 */
export async function executePlan(execution: PlanExecution): Promise<Fetched> {
  const { node, ...rest } = execution
  const isApart = node !== undefined && takesContext(node)
  const run: PlanRun = { ...rest, errors: [], shared: new Set(), isApart }
  const { groupOf } = execution
  if (groupOf)
    run.askTogether = createTogether(
      (fetch, lists, observer) => sendEntities({ ...run, observer }, fetch, lists),
      groupOf,
    )
  if (node) await runNode(run, node, [])
  const { data, errors, shared } = run
  return { data, errors, shared }
}

/** Executes a part of a plan, on the objects at a path. */
export function runNode(run: PlanRun, node: PlanNode, path: PlanPath): Promise<void> {
  if (!run.observer) return visitNode(run, node, path)
  const observer = run.observer.within(node)
  return visitNode({ ...run, observer }, node, path).finally(observer.end)
}

/** Never throws on its own turn: whoever begins several nodes waits for all of them. */
function visitNode(run: PlanRun, node: PlanNode, path: PlanPath): Promise<void> {
  switch (node.kind) {
    case 'Fetch':
      return runFetch(run, node, path)
    case 'Flatten':
      return runNode(run, node.node, flattened(path, node))
    case 'Sequence':
      return runSequence(run, node.nodes, path)
    case 'Parallel':
      return Promise.all(node.nodes.map((child) => runNode(run, child, path))).then(nothing)
    case 'Condition':
      return runCondition(run, node, path)
    case 'Defer':
      return runDefer(run, node, path)
  }
}

const nothing = () => undefined

async function runSequence(run: PlanRun, nodes: readonly PlanNode[], path: PlanPath) {
  for (const node of nodes) await runNode(run, node, path)
}

async function runDefer(run: PlanRun, node: DeferNode, path: PlanPath): Promise<void> {
  run.signal.throwIfAborted()
  if (!run.defer) throw gatewayError('OPERATION_NOT_PLANNABLE', { reason: '@defer' })
  await run.defer(run, node, path)
}

function flattened(path: PlanPath, { path: further }: FlattenNode): PlanPath {
  return [...path, ...further.map(String)]
}

async function runCondition(run: PlanRun, node: ConditionNode, path: PlanPath): Promise<void> {
  const branch = run.variables[node.condition] === true ? node.ifClause : node.elseClause
  if (branch) await runNode(run, branch, path)
}

async function runFetch(run: PlanRun, fetch: FetchNode, path: PlanPath): Promise<void> {
  run.signal.throwIfAborted()
  const objects = path.length === 0 ? [run.data] : objectsAt(run.data, path, run.shared)
  const target = { path, objects }
  try {
    if (objects.length > 0)
      await (fetch.requires ? fetchEntities(run, fetch, target) : fetchRoot(run, fetch, target))
  } catch (failure) {
    run.observer?.failed(failure)
    if (run.signal.aborted) throw run.signal.reason
    if (!isDomainError(failure) || failure.cause) run.report(failure, fetch.serviceName)
    const [placed] = placesOf(run.data, path)
    addError(run, failedFetch(failure, fetch.serviceName, placed?.place))
  }
  if (fetch.id !== undefined) run.fetched?.(fetch.id)
}

function addError(run: PlanRun, error: GraphQLError): void {
  if (run.errors.length < MAX_ERRORS) run.errors.push(error)
}

/** Sends a fetch with its variables as JSON, from which they are read again where somebody looks. */
function send(run: PlanRun, fetch: FetchNode, variables: string): Promise<SubgraphAnswer> {
  const request: SubgraphRequest = {
    kind: fetch.operationKind,
    query: fetch.operation,
    operationName: fetch.operationName,
    fetch,
    text: `${beginningOf(fetch)}${variables}}`,
    traceparent: run.observer?.traceparent,
    get variables() {
      return JSON.parse(variables) as JsonObject
    },
  }
  return run.fetchSubgraph(fetch.serviceName, request, run.signal)
}

async function fetchRoot(run: PlanRun, fetch: FetchNode, { path, objects }: Target): Promise<void> {
  const answer = await send(run, fetch, JSON.stringify(usedVariables(fetch, run.variables)))
  for (const error of answer.errors ?? []) {
    const place = error.path && [...(placesOf(run.data, path)[0]?.place ?? []), ...error.path]
    addError(run, placedError(error, fetch.serviceName, place))
  }
  if (!answer.data) return
  applyRewrites(run.schema, fetch.outputRewrites, answer.data)
  layOver(run, objects, answer.data)
}

async function fetchEntities(run: PlanRun, fetch: FetchNode, target: Target): Promise<void> {
  if (fetch.contextRewrites?.length) return fetchInContext(run, fetch, target)
  const { owners, text } = representationsOf(run.schema, fetch, target.objects)
  if (owners.length === 0) return
  const answer = await (run.askTogether?.(fetch, text, run.observer) ??
    sendEntities(run, fetch, { representations: text }))
  takeEntities(run, fetch, { path: target.path, owners, answer })
}

/** The lists of representations are JSON already. */
function sendEntities(
  run: PlanRun,
  fetch: FetchNode,
  lists: Readonly<Record<string, string>>,
): Promise<SubgraphAnswer> {
  let text = JSON.stringify(usedVariables(fetch, run.variables)).slice(0, -1)
  for (const [name, list] of Object.entries(lists))
    text += `${text === '{' ? '' : ','}"${name}":${list}`
  return send(run, fetch, `${text}}`)
}

async function fetchInContext(run: PlanRun, fetch: FetchNode, { path }: Target): Promise<void> {
  const variables = usedVariables(fetch, run.variables)
  const asked = contextualFetchOf({ ...run, variables }, fetch, path)
  if (!asked) return
  const answered = await send(run, asked.fetch, asked.variables)
  for (const { owners, answer } of asked.answersOf(answered))
    takeEntities(run, fetch, { path, owners, answer })
}

function takeEntities(run: PlanRun, fetch: FetchNode, received: Received): void {
  const { owners, answer } = received
  if (answer.errors?.length)
    for (const error of errorsOfEntities(run.data, fetch.serviceName, received))
      addError(run, error)
  if (!answer.data) return
  const entities = answer.data._entities
  if (!Array.isArray(entities) || entities.length !== owners.length)
    throw gatewayError('SUBGRAPH_ANSWER_INVALID', { subgraph: fetch.serviceName })
  for (let index = 0; index < owners.length; index++)
    takeEntity(run, fetch, { entity: entities[index], owners: owners[index] ?? [] })
}

function takeEntity(
  run: PlanRun,
  fetch: FetchNode,
  { entity, owners }: { entity: unknown; owners: readonly JsonObject[] },
): void {
  if (!isJsonObject(entity)) return
  // Not every fetch asks for the type, and an interface object knows itself as its interface alone.
  const named = typeof entity.__typename === 'string' && run.schema.getType(entity.__typename)
  if (!isObjectType(named)) entity.__typename = owners[0]?.__typename ?? entity.__typename
  applyRewrites(run.schema, fetch.outputRewrites, entity)
  layOver(run, owners, entity)
}

/** What is laid over several objects is one thing in several places from then on. */
function layOver(run: PlanRun, objects: readonly JsonObject[], incoming: JsonObject): void {
  const { shared, isApart, merge = mergeInto } = run
  if (isApart) {
    for (const object of objects) merge(object, structuredClone(incoming))
    return
  }
  if (objects.length > 1) {
    for (const key in incoming) {
      const value = incoming[key]
      if (typeof value === 'object' && value !== null) shared.add(value)
    }
  }
  for (const object of objects) merge(object, incoming)
}
