/** An object of a JSON answer. */
export type JsonObject = Record<string, unknown>

/** Narrows to an object that is no array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** True for keys that every object answers to, such as `constructor` and `__proto__`. */
export function isInherited(key: string): boolean {
  return key in Object.prototype
}

/** Reads a key that the object itself has: answers may be asked for what every object answers to. */
export function own(object: Readonly<JsonObject>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

/** Sets a key of the object itself; assignment to `__proto__` would change the prototype. */
export function put(object: JsonObject, key: string, value: unknown): void {
  if (key !== '__proto__') {
    object[key] = value
    return
  }
  Object.defineProperty(object, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  })
}

/**
 * Lays what a fetch brought over what is there. Equal lists are merged item by item; null and
 * leaves replace. Takes over the objects of `incoming`.
 */
export function mergeInto(target: JsonObject, incoming: JsonObject): void {
  for (const key in incoming) {
    const value = incoming[key]
    if (value === undefined) continue
    const isLeaf = typeof value !== 'object' || value === null
    put(target, key, isLeaf ? value : mergedValue(own(target, key), value))
  }
}

function mergedValue(existing: unknown, incoming: unknown): unknown {
  if (isJsonObject(existing) && isJsonObject(incoming)) {
    if (existing !== incoming) mergeInto(existing, incoming)
    return existing
  }
  const areLists =
    Array.isArray(existing) && Array.isArray(incoming) && existing.length === incoming.length
  if (!areLists || existing === incoming) return incoming
  for (let index = 0; index < incoming.length; index++)
    existing[index] = mergedValue(existing[index], incoming[index])
  return existing
}
