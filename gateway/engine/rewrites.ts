import type { FetchDataRewrite } from '@apollo/query-planner'
import { type GraphQLSchema, isAbstractType, isInterfaceType, isObjectType } from 'graphql'
import { isJsonObject, type JsonObject, own, put } from './own-properties.ts'

const FRAGMENT_PREFIX = '... on '

/** True when an answered object is of a type; `whenUnknown` for one that does not say what it is. */
export function isOfType(
  schema: GraphQLSchema,
  object: JsonObject,
  { condition, whenUnknown }: { condition: string; whenUnknown: boolean },
): boolean {
  const name = own(object, '__typename')
  if (typeof name !== 'string') return whenUnknown
  if (name === condition) return true
  const wanted = schema.getType(condition)
  const type = schema.getType(name)
  if (!isAbstractType(wanted)) return false
  return (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(wanted, type)
}

type Change = (object: JsonObject, key: string) => void

function changeOf(rewrite: FetchDataRewrite): Change {
  if (rewrite.kind === 'ValueSetter')
    return (object, key) => put(object, key, rewrite.setValueTo as unknown)
  return (object, key) => {
    const value = own(object, key)
    if (value === undefined) return
    put(object, rewrite.renameKeyTo, value)
    delete object[key]
  }
}

type Walk = { schema: GraphQLSchema; path: readonly string[]; change: Change }

function applyFrom(walk: Walk, value: unknown, depth: number): void {
  if (Array.isArray(value)) {
    for (const item of value) applyFrom(walk, item, depth)
    return
  }
  const key = walk.path[depth]
  if (!isJsonObject(value) || key === undefined) return
  if (key.startsWith(FRAGMENT_PREFIX)) {
    const condition = key.slice(FRAGMENT_PREFIX.length)
    if (isOfType(walk.schema, value, { condition, whenUnknown: true }))
      applyFrom(walk, value, depth + 1)
    return
  }
  if (depth === walk.path.length - 1) walk.change(value, key)
  else applyFrom(walk, own(value, key), depth + 1)
}

/** Changes what goes to or comes from a subgraph as the plan says, in place. */
export function applyRewrites(
  schema: GraphQLSchema,
  rewrites: readonly FetchDataRewrite[] | undefined,
  value: unknown,
): void {
  for (const rewrite of rewrites ?? [])
    applyFrom({ schema, path: rewrite.path, change: changeOf(rewrite) }, value, 0)
}
