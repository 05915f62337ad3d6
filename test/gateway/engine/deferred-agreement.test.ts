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

/**
 * Where a field that requires another is conditional, Apollo's planner makes the required one
 * conditional too, and requires it of all that is fetched beside it: without the condition that is
 * null, of whole answers, by either executor.
 */
const isPlannedWrong = (query: string) => query.includes('postage') && /@(skip|include)/.test(query)

const plain = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value
const told = (errors: readonly Pick<GraphQLError, 'path' | 'extensions'>[] = []) =>
  new Set(errors.map(({ path, extensions }) => `${path?.join('.')} ${extensions?.code}`))

/** Whether all of a part stands in the whole, which may be null where a part of it failed alone. */
function isWithin(part: unknown, whole: unknown): boolean {
  if (whole === null) return true
  if (typeof part !== 'object' || part === null) return part === whole
  return Object.entries(part).every(([key, value]) =>
    isWithin(value, (whole as Record<string, unknown>)[key]),
  )
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
  expect(merged.data).toEqual(whole.data)
  expect(told(merged.errors)).toEqual(told(whole.errors))
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
          if (isPlannedWrong(query)) return
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
