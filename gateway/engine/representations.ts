import type { FetchNode, QueryPlanFieldNode, QueryPlanSelectionNode } from '@apollo/query-planner'
import type { GraphQLSchema } from 'graphql'
import { jsonOf } from './json-text.ts'
import { isJsonObject, type JsonObject, mergeInto, own, put } from './own-properties.ts'
import { applyRewrites, isOfType } from './rewrites.ts'

/** Entities to ask for, each once, and which of the given objects each answer belongs to. */
export type Representations = {
  /** The list as JSON. */
  text: string
  /** For each representation the objects that it stands for. */
  owners: readonly (readonly JsonObject[])[]
}

type Requiring = Pick<FetchNode, 'requires' | 'inputRewrites'>
type Picked = JsonObject | null

function pickValue(
  schema: GraphQLSchema,
  value: unknown,
  selections: readonly QueryPlanSelectionNode[],
): unknown {
  if (Array.isArray(value)) return value.map((item) => pickValue(schema, item, selections))
  return isJsonObject(value) ? pick(schema, value, selections) : null
}

/** False when the object lacks the field, so that it cannot be asked for. */
function pickField(
  schema: GraphQLSchema,
  source: JsonObject,
  { field, picked }: { field: QueryPlanFieldNode; picked: JsonObject },
): boolean {
  const key = field.alias ?? field.name
  const value = own(source, key)
  if (value === undefined) return false
  put(picked, key, field.selections ? pickValue(schema, value, field.selections) : value)
  return true
}

function pick(
  schema: GraphQLSchema,
  source: JsonObject,
  selections: readonly QueryPlanSelectionNode[],
): Picked {
  const picked: JsonObject = {}
  for (const selection of selections) {
    if (selection.kind === 'Field') {
      if (!pickField(schema, source, { field: selection, picked })) return null
      continue
    }
    const { typeCondition: condition } = selection
    if (!condition || !isOfType(schema, source, { condition, whenUnknown: false })) continue
    const inside = pick(schema, source, selection.selections)
    if (inside) mergeInto(picked, inside)
  }
  return picked
}

/** Writes the representation of an object; null where it lacks something that is required. */
type Write = (object: JsonObject) => string | null

function writerOfAny(schema: GraphQLSchema, { requires = [], inputRewrites }: Requiring): Write {
  return (object) => {
    const picked = pick(schema, object, requires)
    if (!picked || typeof own(picked, '__typename') !== 'string') return null
    applyRewrites(schema, inputRewrites, picked)
    return JSON.stringify(picked)
  }
}

/** The keys of a representation that is a row of leaves, or null where it is anything else. */
function leavesFor(schema: GraphQLSchema, fetch: Requiring, typename: string): string[] | null {
  if (fetch.inputRewrites?.length) return null
  const applying = (fetch.requires ?? []).filter(
    (selection) =>
      selection.kind === 'Field' ||
      (selection.typeCondition !== undefined &&
        isOfType(
          schema,
          { __typename: typename },
          { condition: selection.typeCondition, whenUnknown: false },
        )),
  )
  const [only] = applying
  if (applying.length !== 1 || only?.kind !== 'InlineFragment') return null
  const keys = only.selections.map((selection) =>
    selection.kind === 'Field' && !selection.selections
      ? (selection.alias ?? selection.name)
      : null,
  )
  const leaves = keys.filter((key) => key !== null && !(key in Object.prototype)) as string[]
  const isRow = leaves.length === keys.length && new Set(leaves).size === leaves.length
  return isRow && leaves.includes('__typename') ? leaves : null
}

function writerOfLeaves(keys: readonly string[]): Write {
  const fields = keys.map((key, index) => ({
    key,
    beginning: `${index === 0 ? '{' : ','}${JSON.stringify(key)}:`,
  }))
  return (object) => {
    let text = ''
    for (const { key, beginning } of fields) {
      const value = object[key]
      if (value === undefined) return null
      text += beginning + jsonOf(value)
    }
    return `${text}}`
  }
}

/** Writers of a fetch by the type of the object; most representations are a row of leaves. */
type Writers = { any: Write; byType: Map<string, Write> }
const writersOfFetches = new WeakMap<object, Writers>()

function writerFor(schema: GraphQLSchema, fetch: Requiring, typename: unknown): Write {
  const writers = writersOfFetches.get(fetch) ?? {
    any: writerOfAny(schema, fetch),
    byType: new Map(),
  }
  writersOfFetches.set(fetch, writers)
  // Of a type that the schema does not know, and there is no end to those.
  if (typeof typename !== 'string' || !schema.getType(typename)) return writers.any
  const known = writers.byType.get(typename)
  if (known) return known
  const leaves = leavesFor(schema, fetch, typename)
  const writer = leaves ? writerOfLeaves(leaves) : writers.any
  writers.byType.set(typename, writer)
  return writer
}

/**
 * What the plan requires of each object to find it elsewhere. Equal representations are sent once;
 * objects that lack something required are left out, as they are in Apollo's executor.
 */
export function representationsOf(
  schema: GraphQLSchema,
  fetch: Requiring,
  objects: readonly JsonObject[],
): Representations {
  const owners = new Map<string, JsonObject[]>()
  for (const object of objects) {
    const text = writerFor(schema, fetch, own(object, '__typename'))(object)
    if (text === null) continue
    const known = owners.get(text)
    if (known) known.push(object)
    else owners.set(text, [object])
  }
  return { text: `[${[...owners.keys()].join()}]`, owners: [...owners.values()] }
}
