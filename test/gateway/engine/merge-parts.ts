import type { ExecutionResult, GraphQLError } from 'graphql'
import {
  type DeliveryFormat,
  type IncrementalResult,
  isIncremental,
} from '#gateway/engine/incremental/incremental-result.ts'
import { own } from '#gateway/engine/own-properties.ts'

type Json = Record<string, unknown>
type Path = readonly (string | number)[]

/** What a client has once all parts came. */
export type Merged = {
  data: Json | null
  errors: Pick<GraphQLError, 'path' | 'extensions'>[]
  /** Parts that could not be made. */
  failed: number
  payloads: number
}

const plain = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value

function objectAt(root: unknown, path: Path): Json {
  const found = path.reduce<unknown>((at, key) => own(at as Json, String(key)), root)
  if (typeof found !== 'object' || found === null || Array.isArray(found))
    throw new Error(`no object at ${path.join('.')}`)
  return found as Json
}

/** Each field is delivered once: whatever was there already is a mistake. */
function addOnce(target: Json, data: Json): void {
  for (const [key, value] of Object.entries(data)) {
    if (Object.hasOwn(target, key)) throw new Error(`"${key}" was delivered twice`)
    Object.defineProperty(target, key, { value, enumerable: true, writable: true })
  }
}

function mergeDeep(target: Json, data: Json): void {
  for (const [key, value] of Object.entries(data)) {
    const there = own(target, key)
    if (typeof value === 'object' && value !== null && typeof there === 'object' && there !== null)
      mergeDeep(there as Json, value as Json)
    else
      Object.defineProperty(target, key, {
        value,
        enumerable: true,
        writable: true,
        configurable: true,
      })
  }
}

/** Puts the parts of format v0.2 together, and complains of what the format does not allow. */
function takeNoticed(merged: Merged, notices: Map<string, Path>, part: IncrementalResult): void {
  for (const { id, path } of part.pending ?? []) {
    if (notices.has(id)) throw new Error(`${id} was announced twice`)
    notices.set(id, path)
  }
  for (const { id = '', subPath = [], data, errors = [] } of part.incremental ?? []) {
    const path = notices.get(id)
    if (!path || !data) throw new Error(`${id} was not announced`)
    addOnce(objectAt(merged.data, [...path, ...subPath]), data)
    merged.errors.push(...errors)
  }
  for (const { path } of part.pending ?? []) objectAt(merged.data, path)
  for (const { id, errors = [] } of part.completed ?? []) {
    if (!notices.delete(id)) throw new Error(`${id} was not announced`)
    if (errors.length > 0) merged.failed++
    merged.errors.push(...errors)
  }
  if (part.hasNext !== notices.size > 0) throw new Error('hasNext is wrong')
}

const isWithinNull = (root: unknown, path: Path): boolean => {
  const [key, ...further] = path
  return (
    root === null || (key !== undefined && isWithinNull(own(root as Json, String(key)), further))
  )
}

/** Puts the parts of the format of 2022-08-24 together. */
function takePlaced(merged: Merged, part: IncrementalResult): void {
  for (const { path = [], data, errors = [] } of part.incremental ?? []) {
    if (!data) merged.failed++
    // Here each fragment is whole by itself: what another has made null has no place for it.
    else if (!isWithinNull(merged.data, path)) mergeDeep(objectAt(merged.data, path), data)
    merged.errors.push(...errors)
  }
}

/** Reads an answer to its end as a client would, strictly. */
export async function mergeParts(
  answer: ExecutionResult | AsyncIterable<IncrementalResult>,
  format: DeliveryFormat,
): Promise<Merged> {
  const payloads: AsyncIterable<IncrementalResult> = isIncremental(answer)
    ? answer
    : (async function* () {
        yield { ...answer, hasNext: false }
      })()
  const merged: Merged = { data: null, errors: [], failed: 0, payloads: 0 }
  const notices = new Map<string, Path>()
  let isOpen = true
  for await (const payload of payloads) {
    const part = plain(payload)
    if (!isOpen) throw new Error('a part came after the last')
    isOpen = part.hasNext
    if (merged.payloads++ === 0) {
      merged.data = part.data ?? null
      merged.errors.push(...(part.errors ?? []))
    } else if ('data' in part || 'errors' in part) throw new Error('data stands in the first alone')
    if (format === '20220824') takePlaced(merged, part)
    else takeNoticed(merged, notices, part)
  }
  if (isOpen) throw new Error('the last part said that more comes')
  return merged
}
