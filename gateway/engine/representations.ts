import type { FetchNode, QueryPlanFieldNode, QueryPlanSelectionNode } from '@apollo/query-planner'
import type { GraphQLSchema } from 'graphql'
import { isJsonObject, type JsonObject, mergeInto, own, put } from './own-properties.ts'
import { applyRewrites, isOfType } from './rewrites.ts'

/** Entities to ask for, each once, and which of the given objects each answer belongs to. */
export type Representations = {
  list: readonly JsonObject[]
  /** The list as JSON. */
  text: string
  /** For each representation the indices of the objects that it stands for. */
  owners: readonly (readonly number[])[]
}

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

/**
 * What the plan requires of each object to find it elsewhere. Equal representations are sent once;
 * objects that lack something required are left out, as they are in Apollo's executor.
 */
export function representationsOf(
  schema: GraphQLSchema,
  fetch: Pick<FetchNode, 'requires' | 'inputRewrites'>,
  objects: readonly JsonObject[],
): Representations {
  const list: JsonObject[] = []
  const owners: number[][] = []
  const indexByText = new Map<string, number>()
  for (const [objectIndex, object] of objects.entries()) {
    const representation = pick(schema, object, fetch.requires ?? [])
    if (!representation || typeof own(representation, '__typename') !== 'string') continue
    applyRewrites(schema, fetch.inputRewrites, representation)
    const text = JSON.stringify(representation)
    const known = indexByText.get(text)
    if (known !== undefined) {
      owners[known]?.push(objectIndex)
      continue
    }
    indexByText.set(text, list.push(representation) - 1)
    owners.push([objectIndex])
  }
  return { list, text: `[${[...indexByText.keys()].join()}]`, owners }
}
