import fc from 'fast-check'
import { type GraphQLError, NoUnusedVariablesRule, specifiedRules, validate } from 'graphql'
import { describe, expect, test } from 'vitest'
import type { DeliveryFormat } from '#gateway/engine/incremental/incremental-result.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { zoo } from '../access/zoo.ts'
import {
  anonymous,
  federatedWorld,
  type Loaded,
  loadWorld,
  operationOf,
  viewerWith,
} from './federated-world.ts'
import { market } from './market.ts'
import { mergeParts } from './merge-parts.ts'
import { randomDeferredQuery } from './random-query.ts'

const SCOPES = ['email:read', 'people:read', 'all:read', 'money:read', 'ids:read', 'cats:read']
const anyViewer = fc
  .option(fc.subarray(SCOPES), { nil: null })
  .map((scopes) => (scopes ? viewerWith(...scopes) : anonymous))

type Asked = {
  query: string
  viewer: Viewer
  variables: { flag: boolean; late: boolean }
  format: DeliveryFormat
}

/** Conditions are optional here, their variables are not. */
const RULES = specifiedRules.filter((rule) => rule !== NoUnusedVariablesRule)

const plain = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value
const told = (errors: readonly Pick<GraphQLError, 'path' | 'extensions'>[] = []) =>
  new Set(errors.map(({ path, extensions }) => `${path?.join('.')} ${extensions?.code}`))

/** Whether a path leads through a null of the answer. */
function isBeneathNull(data: unknown, path: readonly (string | number)[] = []): boolean {
  const [key, ...further] = path
  if (key === undefined) return false
  if (data === null || data === undefined) return true
  return isBeneathNull((data as Record<string, unknown>)[key], further)
}

/** Whether all of a part stands in the whole, which may be null where a part of it failed alone. */
function isWithin(part: unknown, whole: unknown): boolean {
  if (whole === null) return true
  if (typeof part !== 'object' || part === null) return part === whole
  return Object.entries(part).every(([key, value]) =>
    isWithin(value, (whole as Record<string, unknown>)[key]),
  )
}

/** Whether nothing of the whole is missing but within its nulls. */
function isCovered(part: unknown, whole: unknown): boolean {
  if (typeof whole !== 'object' || whole === null) return whole === null || part === whole
  const held = (part ?? {}) as Record<string, unknown>
  return Object.entries(whole).every(([key, value]) => key in held && isCovered(held[key], value))
}

async function compare(loaded: Loaded, { query, viewer, variables, format }: Asked) {
  const operation = loaded.authorise(operationOf(query), viewer)
  const whole = plain(await loaded.executor(operation, { variables, ...loaded.reached }))
  const answer = await loaded.deliver?.(operation, { variables, format, ...loaded.reached })
  if (!answer) throw new Error('no executor for parts')
  const merged = await mergeParts(answer, format)
  if (merged.failed > 0) {
    expect(isWithin(merged.data, whole.data)).toBe(true)
    return { ...merged, removed: operation.removedPaths.length }
  }
  if (format === 'v0.2') expect(merged.data).toEqual(whole.data)
  // Here each fragment is whole by itself: what one makes null another may hold.
  else expect(isWithin(merged.data, whole.data) && isCovered(merged.data, whole.data)).toBe(true)
  // What would stand within a null that was answered at once is not waited for.
  const expected = (whole.errors ?? []).filter(({ path }) => !isBeneathNull(whole.data, path))
  const heard = merged.errors.filter(({ path }) => !isBeneathNull(whole.data, path))
  expect(told(heard)).toEqual(told(expected))
  return { ...merged, removed: operation.removedPaths.length }
}

describe.each([
  ['market', market],
  ['zoo', zoo],
])('the parts of a deferred answer, put together, are the whole answer: %s', (_name, subgraphs) => {
  test.each(['v0.2', '20220824'] as const)('in format %s', async (format) => {
    const loaded = await loadWorld(federatedWorld(subgraphs))
    const seen = { valid: 0, inParts: 0, failed: 0, refused: 0, most: 0 }
    await fc.assert(
      fc.asyncProperty(
        randomDeferredQuery(loaded.apiSchema),
        anyViewer,
        fc.record({ flag: fc.boolean(), late: fc.boolean() }),
        async (query, viewer, variables) => {
          if (validate(loaded.apiSchema, operationOf(query).document, RULES).length > 0) return
          const merged = await compare(loaded, { query, viewer, variables, format })
          seen.valid++
          if (merged.payloads > 1) seen.inParts++
          if (merged.payloads > 1 && merged.removed > 0) seen.refused++
          if (merged.failed > 0) seen.failed++
          seen.most = Math.max(seen.most, merged.payloads)
        },
      ),
      { numRuns: 200, endOnFailure: true },
    )
    expect(seen.inParts).toBeGreaterThan(40)
    expect(seen.most).toBeGreaterThan(2)
    if (subgraphs === zoo) expect(seen.refused).toBeGreaterThan(20)
  })
})
