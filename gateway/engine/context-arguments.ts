import type { FetchDataKeyRenamer, FetchNode, PlanNode } from '@apollo/query-planner'
import type { GraphQLSchema } from 'graphql'
import { type AliasedOperation, contextOperationOf } from './context-operation.ts'
import { answersOfGroups, type EntityAnswer } from './entity-groups.ts'
import { isJsonObject, type JsonObject, own, put } from './own-properties.ts'
import { type PlanPath, placesOf, type ResponsePath } from './plan-paths.ts'
import { type Representations, representationsOf } from './representations.ts'
import { isOfType } from './rewrites.ts'

const UP = '..'
const FRAGMENT_PREFIX = '... on '

/** Where a path that begins with `..` leads from a place: each goes up one field, with its lists. */
function surroundingOf(place: ResponsePath, path: readonly string[]) {
  let end = place.length
  let depth = 0
  for (; path[depth] === UP; depth++) {
    while (typeof place[end - 1] === 'number') end--
    if (end === 0) return null
    end--
  }
  return { place: place.slice(0, end), path: path.slice(depth) }
}

function valueAt(root: JsonObject, place: ResponsePath): unknown {
  let value: unknown = root
  for (const segment of place) {
    if (Array.isArray(value)) value = value[Number(segment)]
    else value = isJsonObject(value) ? own(value, String(segment)) : undefined
  }
  return value
}

/** The path speaks of objects of another type. */
const ELSEWHERE = Symbol('elsewhere')

/** Undefined where something is missing that should be there. */
function read(schema: GraphQLSchema, value: unknown, path: readonly string[]): unknown {
  const [key, ...further] = path
  if (key === undefined || value === null) return value
  if (Array.isArray(value)) {
    const items = value.map((item) => read(schema, item, path))
    return items.includes(undefined) ? undefined : items.filter((item) => item !== ELSEWHERE)
  }
  if (!isJsonObject(value)) return undefined
  if (!key.startsWith(FRAGMENT_PREFIX)) return read(schema, own(value, key), further)
  const condition = key.slice(FRAGMENT_PREFIX.length)
  const applies = isOfType(schema, value, { condition, whenUnknown: true })
  return applies ? read(schema, value, further) : ELSEWHERE
}

type Surroundings = { schema: GraphQLSchema; data: JsonObject }

/** The first path that speaks of what is there counts. Null when something is missing. */
function contextOf(
  { schema, data }: Surroundings,
  rewrites: readonly FetchDataKeyRenamer[],
  place: ResponsePath,
): JsonObject | null {
  const context: JsonObject = {}
  for (const { path, renameKeyTo } of rewrites) {
    if (Object.hasOwn(context, renameKeyTo)) continue
    const from = surroundingOf(place, path)
    const value = from ? read(schema, valueAt(data, from.place), from.path) : undefined
    if (value === undefined) return null
    if (value !== ELSEWHERE) put(context, renameKeyTo, value)
  }
  return context
}

type Group = { context: JsonObject; objects: JsonObject[] }

/** Objects with equal values around them are asked for together. */
function groupsOf(
  around: Surroundings,
  rewrites: readonly FetchDataKeyRenamer[],
  path: PlanPath,
): Group[] {
  const groups = new Map<string, Group>()
  for (const { object, place } of placesOf(around.data, path)) {
    const context = contextOf(around, rewrites, place)
    if (!context) continue
    const key = JSON.stringify(Object.entries(context))
    const known = groups.get(key)
    if (known) known.objects.push(object)
    else groups.set(key, { context, objects: [object] })
  }
  return [...groups.values()]
}

type Part = { context: JsonObject; representations: Representations }

/** What to ask for objects that take arguments from around them, and how to read the answer. */
export type ContextualFetch = {
  fetch: FetchNode
  /** As JSON. */
  variables: string
  answersOf: (answer: EntityAnswer) => { owners: Representations['owners']; answer: EntityAnswer }[]
}

function variablesText(
  others: JsonObject,
  parts: readonly Part[],
  { nameOf }: AliasedOperation,
): string {
  const texts = Object.entries(others).map(([name, value]) => [name, JSON.stringify(value)])
  for (const [at, { context, representations }] of parts.entries()) {
    for (const [name, value] of Object.entries(context))
      texts.push([nameOf(name, at), JSON.stringify(value)])
    texts.push([nameOf('representations', at), representations.text])
  }
  return `{${texts.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join()}}`
}

/**
 * A fetch whose fields take arguments from objects further up (`@fromContext`). Entities with equal
 * surroundings are asked for together, each once; different ones by an alias of `_entities` each,
 * with variables of their own, in the same request. An object is left out, as without its key, when
 * what it is to be given was not answered; an argument is left out when the plan names no place
 * for it above objects of this type. Null when nothing is to be asked.
 */
export function contextualFetchOf(
  around: Surroundings & { variables: JsonObject },
  fetch: FetchNode,
  path: PlanPath,
): ContextualFetch | null {
  const { schema, variables } = around
  const operation = contextOperationOf(fetch)
  const parts = groupsOf(around, fetch.contextRewrites ?? [], path)
    .map(({ context, objects }) => ({
      context,
      representations: representationsOf(schema, fetch, objects),
    }))
    .filter(({ representations }) => representations.owners.length > 0)
  if (parts.length === 0) return null
  const aliased = operation.aliased(parts.length)
  // A client's variable of such a name does not stand in for what is not there.
  const others = Object.entries(variables).filter(([name]) => !operation.names.has(name))
  return {
    fetch: aliased.fetch,
    variables: variablesText(Object.fromEntries(others), parts, aliased),
    answersOf: (answered) =>
      answersOfGroups(answered, aliased.keys).map((answer, at) => ({
        owners: parts[at]?.representations.owners ?? [],
        answer,
      })),
  }
}

const known = new WeakMap<PlanNode, boolean>()

/** True when some fetch of a plan takes arguments from further up. */
export function takesContext(node: PlanNode): boolean {
  const remembered = known.get(node)
  if (remembered !== undefined) return remembered
  const takes = nodesWithin(node).some(takesContext) || isContextual(node)
  known.set(node, takes)
  return takes
}

const isContextual = (node: PlanNode) =>
  node.kind === 'Fetch' && (node.contextRewrites?.length ?? 0) > 0

function nodesWithin(node: PlanNode): PlanNode[] {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return node.nodes
    case 'Flatten':
      return [node.node]
    case 'Condition':
      return [node.ifClause, node.elseClause].flatMap((branch) => branch ?? [])
    case 'Defer':
      return [node.primary, ...node.deferred].flatMap(({ node: inside }) => inside ?? [])
    case 'Fetch':
      return []
  }
}
