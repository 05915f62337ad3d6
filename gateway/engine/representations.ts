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

/** How objects of a type are represented; `keys` where these leaves tell them from each other. */
type Writer = { write: Write; keys: readonly string[] | null }

/** Writers of a fetch by the type of the object; most representations are a row of leaves. */
type Writers = { any: Writer; byType: Map<string, Writer> }
const writersOfFetches = new WeakMap<object, Writers>()

function writersFor(schema: GraphQLSchema, fetch: Requiring): Writers {
  const known = writersOfFetches.get(fetch)
  if (known) return known
  const any = { write: writerOfAny(schema, fetch), keys: null }
  const writers: Writers = { any, byType: new Map() }
  writersOfFetches.set(fetch, writers)
  return writers
}

type WritersOf = { schema: GraphQLSchema; fetch: Requiring; writers: Writers }

function writerFor({ schema, fetch, writers }: WritersOf, typename: unknown): Writer {
  if (typeof typename !== 'string') return writers.any
  const known = writers.byType.get(typename)
  if (known) return known
  // Of a type that the schema does not know, and there is no end to those.
  if (!schema.getType(typename)) return writers.any
  const leaves = leavesFor(schema, fetch, typename)
  const keys = leaves?.filter((key) => key !== '__typename')
  const writer = leaves && keys ? { write: writerOfLeaves(leaves), keys } : writers.any
  writers.byType.set(typename, writer)
  return writer
}

type Leaf = string | number | boolean | null

/** Objects whose leaves are equal as far as the way that leads here. */
type Branch = { owners: JsonObject[] | null; further: Map<Leaf, Branch> | null }

const newBranch = (): Branch => ({ owners: null, further: null })

/** Where objects with these leaves are gathered; null for one that has something else there. */
function branchOf(root: Branch, keys: readonly string[], object: JsonObject): Branch | null {
  let branch = root
  for (let index = 0; index < keys.length; index++) {
    const value = object[keys[index] as string]
    if (value === undefined || (typeof value === 'object' && value !== null)) return null
    branch.further ??= new Map()
    const known = branch.further.get(value as Leaf)
    const next = known ?? newBranch()
    if (!known) branch.further.set(value as Leaf, next)
    branch = next
  }
  return branch
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
  // Of an object whose leaves are known nothing is written.
  const roots = new Map<Writer, Branch>()
  const source = { schema, fetch, writers: writersFor(schema, fetch) }
  for (const object of objects) {
    const writer = writerFor(source, object.__typename)
    const root = roots.get(writer) ?? newBranch()
    roots.set(writer, root)
    const branch = writer.keys && branchOf(root, writer.keys, object)
    if (branch?.owners) {
      branch.owners.push(object)
      continue
    }
    const text = writer.write(object)
    if (text === null) continue
    const equal = owners.get(text) ?? []
    equal.push(object)
    owners.set(text, equal)
    if (branch) branch.owners = equal
  }
  return { text: `[${[...owners.keys()].join()}]`, owners: [...owners.values()] }
}
