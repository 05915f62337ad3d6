import type { ConditionNode, FetchNode, FlattenNode, PlanNode } from '@apollo/query-planner'
import {
  type GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  isObjectType,
} from 'graphql'
import { isDomainError } from '#kernel/errors.ts'
import { gatewayError } from '../errors.ts'
import type { NodeObserver } from './observer.ts'
import { isJsonObject, type JsonObject, mergeInto } from './own-properties.ts'
import { objectsAt, type PlanPath, placesOf, type ResponsePath } from './plan-paths.ts'
import { type Representations, representationsOf } from './representations.ts'
import { applyRewrites } from './rewrites.ts'
import { failedFetch, MAX_ERRORS, placedError } from './subgraph-errors.ts'

/** One operation for one subgraph. */
export type SubgraphRequest = {
  kind: 'query' | 'mutation' | 'subscription'
  query: string
  variables: JsonObject
  operationName?: string | undefined
  extensions?: JsonObject | undefined
  /** All of it as JSON, where that is at hand. */
  text?: string | undefined
  /** A header, no part of the body. */
  traceparent?: string | undefined
}

/** An answer of a subgraph. Its data belongs to the engine from then on, which writes into it. */
export type SubgraphAnswer = {
  data?: JsonObject | null | undefined
  errors?: readonly GraphQLFormattedError[] | undefined
  extensions?: JsonObject | undefined
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
  observer?: NodeObserver | undefined
}

/** Told of failures without a code, or with a cause: the client hears the code at most. */
export type ReportFailure = (failure: unknown, serviceName: string) => void

type Run = Omit<PlanExecution, 'node'> & { errors: GraphQLError[] }
type Target = { path: PlanPath; objects: readonly JsonObject[] }

/**
 * Executes a plan. Fetches that fail leave their part out and an error at its place; the rest is
 * answered. Throws only the reason of an aborted signal, or for a plan that it does not understand.
 */
export async function executePlan(
  execution: PlanExecution,
): Promise<{ data: JsonObject; errors: GraphQLError[] }> {
  const { node, ...rest } = execution
  const run: Run = { ...rest, errors: [] }
  if (node) await runNode(run, node, [])
  return { data: run.data, errors: run.errors }
}

function runNode(run: Run, node: PlanNode, path: PlanPath): Promise<void> {
  if (!run.observer) return visitNode(run, node, path)
  const observer = run.observer.within(node)
  return visitNode({ ...run, observer }, node, path).finally(observer.end)
}

async function visitNode(run: Run, node: PlanNode, path: PlanPath): Promise<void> {
  run.signal.throwIfAborted()
  switch (node.kind) {
    case 'Fetch':
      return runFetch(run, node, path)
    case 'Flatten':
      return runNode(run, node.node, flattened(path, node))
    case 'Sequence':
      for (const child of node.nodes) await runNode(run, child, path)
      return
    case 'Parallel':
      await Promise.all(node.nodes.map((child) => runNode(run, child, path)))
      return
    case 'Condition':
      return runCondition(run, node, path)
    case 'Defer':
      throw gatewayError('OPERATION_NOT_PLANNABLE', { reason: '@defer' })
  }
}

function flattened(path: PlanPath, { path: further }: FlattenNode): PlanPath {
  return [...path, ...further.map(String)]
}

async function runCondition(run: Run, node: ConditionNode, path: PlanPath): Promise<void> {
  const branch = run.variables[node.condition] === true ? node.ifClause : node.elseClause
  if (branch) await runNode(run, branch, path)
}

async function runFetch(run: Run, fetch: FetchNode, path: PlanPath): Promise<void> {
  const objects = path.length === 0 ? [run.data] : objectsAt(run.data, path)
  if (objects.length === 0) return
  const target = { path, objects }
  try {
    if (fetch.requires) await fetchEntities(run, fetch, target)
    else await fetchRoot(run, fetch, target)
  } catch (failure) {
    run.observer?.failed(failure)
    if (run.signal.aborted) throw run.signal.reason
    if (!isDomainError(failure) || failure.cause) run.report(failure, fetch.serviceName)
    const [place] = placesOf(run.data, path)
    addError(run, failedFetch(failure, fetch.serviceName, place))
  }
}

function addError(run: Run, error: GraphQLError): void {
  if (run.errors.length < MAX_ERRORS) run.errors.push(error)
}

/** The variables that a fetch uses, of those that were given or have a default. */
export function usedVariables(
  { variableUsages }: Pick<FetchNode, 'variableUsages'>,
  variables: Readonly<JsonObject>,
): JsonObject {
  const names = (variableUsages ?? []).filter((name) => Object.hasOwn(variables, name))
  return Object.fromEntries(names.map((name) => [name, variables[name]]))
}

/** What the body of every request of a fetch begins with. */
const beginnings = new WeakMap<FetchNode, string>()

function beginningOf(fetch: FetchNode): string {
  const known = beginnings.get(fetch)
  if (known !== undefined) return known
  const { operation: query, operationName } = fetch
  const beginning = `${JSON.stringify({ query, operationName }).slice(0, -1)},"variables":`
  beginnings.set(fetch, beginning)
  return beginning
}

/** Sends a fetch with its variables, which are given as JSON too: representations are written once. */
function send(
  run: Run,
  fetch: FetchNode,
  { variables, text }: { variables: JsonObject; text: string },
): Promise<SubgraphAnswer> {
  const request: SubgraphRequest = {
    kind: fetch.operationKind,
    query: fetch.operation,
    variables,
    operationName: fetch.operationName,
    text: `${beginningOf(fetch)}${text}}`,
    traceparent: run.observer?.traceparent,
  }
  return run.fetchSubgraph(fetch.serviceName, request, run.signal)
}

async function fetchRoot(run: Run, fetch: FetchNode, { path, objects }: Target): Promise<void> {
  const variables = usedVariables(fetch, run.variables)
  const answer = await send(run, fetch, { variables, text: JSON.stringify(variables) })
  for (const error of answer.errors ?? []) {
    const place = error.path && [...(placesOf(run.data, path)[0] ?? []), ...error.path]
    addError(run, placedError(error, fetch.serviceName, place))
  }
  if (!answer.data) return
  applyRewrites(run.schema, fetch.outputRewrites, answer.data)
  for (const object of objects) mergeInto(object, answer.data)
}

async function fetchEntities(run: Run, fetch: FetchNode, target: Target): Promise<void> {
  const representations = representationsOf(run.schema, fetch, target.objects)
  if (representations.list.length === 0) return
  const others = usedVariables(fetch, run.variables)
  const begun = JSON.stringify(others).slice(0, -1)
  const answer = await send(run, fetch, {
    variables: { ...others, representations: representations.list },
    text: `${begun}${begun === '{' ? '' : ','}"representations":${representations.text}}`,
  })
  if (answer.errors?.length) placeErrors(run, fetch, { target, representations, answer })
  if (!answer.data) return
  const entities = answer.data._entities
  if (!Array.isArray(entities) || entities.length !== representations.list.length)
    throw gatewayError('SUBGRAPH_ANSWER_INVALID', { subgraph: fetch.serviceName })
  for (const [index, entity] of entities.entries())
    takeEntity(run, fetch, { entity, owners: ownersOf(target, representations, index) })
}

function ownersOf(target: Target, { owners }: Representations, index: number): JsonObject[] {
  return (owners[index] ?? []).flatMap((owner) => {
    const object = target.objects[owner]
    return object ? [object] : []
  })
}

function takeEntity(
  run: Run,
  fetch: FetchNode,
  { entity, owners }: { entity: unknown; owners: readonly JsonObject[] },
): void {
  if (!isJsonObject(entity)) return
  // Not every fetch asks for the type, and an interface object knows itself as its interface alone.
  const named = typeof entity.__typename === 'string' && run.schema.getType(entity.__typename)
  if (!isObjectType(named)) entity.__typename = owners[0]?.__typename ?? entity.__typename
  applyRewrites(run.schema, fetch.outputRewrites, entity)
  for (const owner of owners) mergeInto(owner, entity)
}

type Received = { target: Target; representations: Representations; answer: SubgraphAnswer }

/** `_entities`, 3, `price` → where the objects of the fourth representation stand, then `price`. */
function placeErrors(run: Run, fetch: FetchNode, received: Received): void {
  const { target, representations, answer } = received
  const places = placesOf(run.data, target.path)
  for (const error of answer.errors ?? []) {
    for (const path of pathsOf(error.path, places, representations))
      addError(run, placedError(error, fetch.serviceName, path))
  }
}

function pathsOf(
  path: ResponsePath | undefined,
  places: readonly ResponsePath[],
  { owners }: Representations,
): (ResponsePath | undefined)[] {
  const [root, index, ...rest] = path ?? []
  if (root !== '_entities' || typeof index !== 'number') return [places[0]]
  const owned = (owners[index] ?? []).flatMap((owner) => {
    const place = places[owner]
    return place ? [[...place, ...rest]] : []
  })
  return owned.length > 0 ? owned : [places[0]]
}
