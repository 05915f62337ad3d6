import { isInherited, isJsonObject, type JsonObject, own } from './own-properties.ts'

/** A path of a plan: field names, and `@` for each element of a list. */
export type PlanPath = readonly string[]

/** A path of a response. */
export type ResponsePath = readonly (string | number)[]

/** An object of an answer, and one of the places where it stands. */
export type Placed = { object: JsonObject; place: ResponsePath }

type Gathering = {
  readonly path: PlanPath
  /** What may stand in several places; all else stands in one. */
  readonly shared: ReadonlySet<object>
  /** Of that, what was come by, for each step of the path. */
  readonly seen: (Set<object> | undefined)[]
  readonly objects: JsonObject[]
}

/** True for what stands in several places and was gathered from another of them. */
function isKnown({ shared, seen }: Gathering, value: object, depth: number): boolean {
  if (shared.size === 0 || !shared.has(value)) return false
  const known = seen[depth] ?? new Set()
  seen[depth] = known
  if (known.has(value)) return true
  known.add(value)
  return false
}

/** `@` takes one list away; where the answer holds none, the object stands for itself. */
function gather(gathering: Gathering, value: unknown, depth: number): void {
  const { path, objects } = gathering
  const key = path[depth]
  if (Array.isArray(value)) {
    if (isKnown(gathering, value, depth)) return
    const further = key === '@' ? depth + 1 : depth
    for (const item of value) gather(gathering, item, further)
    return
  }
  if (!isJsonObject(value)) return
  if (key === '@') {
    gather(gathering, value, depth + 1)
    return
  }
  if (isKnown(gathering, value, depth)) return
  if (key === undefined) objects.push(value)
  else gather(gathering, isInherited(key) ? own(value, key) : value[key], depth + 1)
}

/**
 * The objects that stand at a path, in the order of the answer: each once, as far as `shared` tells
 * what may stand in several places, such as an answer that stands for several equal entities.
 */
export function objectsAt(
  root: JsonObject,
  path: PlanPath,
  shared: ReadonlySet<object>,
): JsonObject[] {
  const objects: JsonObject[] = []
  gather({ path, shared, seen: [], objects }, root, 0)
  return objects
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
