import { isInherited, isJsonObject, type JsonObject, own } from './own-properties.ts'

/** A path of a plan: field names, and `@` for each element of a list. */
export type PlanPath = readonly string[]

/** A path of a response. */
export type ResponsePath = readonly (string | number)[]

/** An object of an answer, and one of the places where it stands. */
export type Placed = { object: JsonObject; place: ResponsePath }

function gatherObjects(value: unknown, into: JsonObject[]): void {
  if (Array.isArray(value)) for (const item of value) gatherObjects(item, into)
  else if (isJsonObject(value)) into.push(value)
}

/** `@` takes one list away; where the answer holds none, the object stands for itself. */
function gatherItems(value: unknown, into: unknown[]): void {
  if (!Array.isArray(value)) into.push(value)
  else for (const item of value) into.push(item)
}

function step(values: readonly unknown[], key: string): unknown[] {
  const next: unknown[] = []
  if (key === '@') {
    for (const value of values) gatherItems(value, next)
    return next
  }
  const read = isInherited(key) ? own : ofAny
  for (const value of values) gatherValues(value, { key, read }, next)
  return next
}

type Reading = { key: string; read: typeof own }

const ofAny: typeof own = (object, key) => object[key]

function gatherValues(value: unknown, reading: Reading, into: unknown[]): void {
  if (Array.isArray(value)) for (const item of value) gatherValues(item, reading, into)
  else if (isJsonObject(value)) into.push(reading.read(value, reading.key))
}

/**
 * The objects that stand at a path, each once, in the order of the answer. An answer that stands for
 * several equal entities is one object in several places: `isShared` says that there may be such.
 */
export function objectsAt(root: JsonObject, path: PlanPath, isShared: boolean): JsonObject[] {
  let values: unknown[] = [root]
  for (const key of path) {
    values = step(values, key)
    if (isShared && values.length > 1) values = [...new Set(values)]
  }
  const objects: JsonObject[] = []
  gatherObjects(values, objects)
  return isShared ? [...new Set(objects)] : objects
}

type Walker = {
  readonly path: PlanPath
  /** Where the walk stands; visitors copy what they keep. */
  readonly at: (string | number)[]
  readonly placed: Placed[]
}

function walkList(walker: Walker, items: readonly unknown[], depth: number): void {
  const further = walker.path[depth] === '@' ? depth + 1 : depth
  for (let index = 0; index < items.length; index++) {
    walker.at.push(index)
    walk(walker, items[index], further)
    walker.at.pop()
  }
}

function walk(walker: Walker, value: unknown, depth: number): void {
  if (Array.isArray(value)) {
    walkList(walker, value, depth)
    return
  }
  if (!isJsonObject(value)) return
  const key = walker.path[depth]
  if (key === undefined) {
    walker.placed.push({ object: value, place: [...walker.at] })
    return
  }
  if (key === '@') {
    walk(walker, value, depth + 1)
    return
  }
  walker.at.push(key)
  walk(walker, own(value, key), depth + 1)
  walker.at.pop()
}

/** Every place at a path with its object, in the order of the answer; for errors, which need places. */
export function placesOf(root: JsonObject, path: PlanPath): Placed[] {
  const walker: Walker = { path, at: [], placed: [] }
  walk(walker, root, 0)
  return walker.placed
}
