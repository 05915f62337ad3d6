import { isJsonObject, type JsonObject, own } from './own-properties.ts'

/** A path of a plan: field names, and `@` for each element of a list. */
export type PlanPath = readonly string[]

/** A path of a response. */
export type ResponsePath = readonly (string | number)[]

type Walker = {
  readonly path: PlanPath
  /** Where the walk stands; visitors copy what they keep. */
  readonly at: (string | number)[]
  readonly visit: (object: JsonObject) => void
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
    walker.visit(value)
    return
  }
  // `@` where the answer holds no list: the object stands for itself.
  if (key === '@') {
    walk(walker, value, depth + 1)
    return
  }
  walker.at.push(key)
  walk(walker, own(value, key), depth + 1)
  walker.at.pop()
}

/** The objects that stand at a path, in the order of the answer. */
export function objectsAt(root: JsonObject, path: PlanPath): JsonObject[] {
  const objects: JsonObject[] = []
  walk({ path, at: [], visit: (object) => objects.push(object) }, root, 0)
  return objects
}

/** Where these objects stand, in the same order; asked for only when there are errors to place. */
export function placesOf(root: JsonObject, path: PlanPath): ResponsePath[] {
  const places: ResponsePath[] = []
  const at: (string | number)[] = []
  walk({ path, at, visit: () => places.push([...at]) }, root, 0)
  return places
}
