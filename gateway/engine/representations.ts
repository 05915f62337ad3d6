import type { FetchNode, QueryPlanFieldNode, QueryPlanSelectionNode } from '@apollo/query-planner'
import type { GraphQLSchema } from 'graphql'
import { jsonOf } from './json-text.ts'
import {
  isInherited,
  isJsonObject,
  type JsonObject,
  mergeInto,
  own,
  put,
} from './own-properties.ts'
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
  const leaves = keys.filter((key) => key !== null && !isInherited(key)) as string[]
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

/** How objects of a type are represented; `leaf` where one leaf tells them from each other. */
type Writer = { write: Write; leaf: string | null }

/** Writers of a fetch by the type of the object; most representations are a row of leaves. */
type Writers = { any: Writer; byType: Map<string, Writer> }
const writersOfFetches = new WeakMap<object, Writers>()

function writerOfType(leaves: readonly string[]): Writer {
  const [leaf = null, ...others] = leaves.filter((key) => key !== '__typename')
  return { write: writerOfLeaves(leaves), leaf: others.length === 0 ? leaf : null }
}

function writerFor(schema: GraphQLSchema, fetch: Requiring, typename: unknown): Writer {
  const writers = writersOfFetches.get(fetch) ?? {
    any: { write: writerOfAny(schema, fetch), leaf: null },
    byType: new Map(),
  }
  writersOfFetches.set(fetch, writers)
  // Of a type that the schema does not know, and there is no end to those.
  if (typeof typename !== 'string' || !schema.getType(typename)) return writers.any
  const known = writers.byType.get(typename)
  if (known) return known
  const leaves = leavesFor(schema, fetch, typename)
  const writer = leaves ? writerOfType(leaves) : writers.any
  writers.byType.set(typename, writer)
  return writer
}

type Leaf = string | number

/** What tells an object from others that are written alike; undefined where it takes more than a leaf. */
function leafOf({ leaf }: Writer, object: JsonObject): Leaf | undefined {
  const value = leaf === null ? undefined : object[leaf]
  return typeof value === 'string' || typeof value === 'number' ? value : undefined
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
  // Of an object that one leaf tells, and that is known by it, nothing is written.
  const known = new Map<Writer, Map<Leaf | undefined, JsonObject[]>>()
  for (const object of objects) {
    const writer = writerFor(schema, fetch, object.__typename)
    const leaf = leafOf(writer, object)
    const byLeaf = known.get(writer) ?? new Map<Leaf | undefined, JsonObject[]>()
    known.set(writer, byLeaf)
    const equal = byLeaf.get(leaf)
    if (equal) {
      equal.push(object)
      continue
    }
    const text = writer.write(object)
    if (text === null) continue
    const written = owners.get(text) ?? []
    written.push(object)
    owners.set(text, written)
    if (leaf !== undefined) byLeaf.set(leaf, written)
  }
  return { text: `[${[...owners.keys()].join()}]`, owners: [...owners.values()] }
}
