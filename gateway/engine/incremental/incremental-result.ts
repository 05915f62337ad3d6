import type { ExecutionResult, GraphQLError } from 'graphql'
import type { JsonObject } from '../own-properties.ts'
import type { ResponsePath } from '../plan-paths.ts'

/** Two wordings of incremental delivery: that of 2022-08-24, and that of graphql-js 17 alpha 9. */
export type DeliveryFormat = '20220824' | 'v0.2'

/** Announces a part that will come (v0.2). */
export type PendingPart = { id: string; path: ResponsePath; label?: string }

/** Data of a part: by the announcement it belongs to (v0.2), or by place and label (20220824). */
export type DeliveredPart = {
  id?: string
  subPath?: ResponsePath
  path?: ResponsePath
  label?: string
  data: JsonObject | null
  errors?: readonly GraphQLError[]
}

/** Nothing more comes of a part; with errors: it could not be made (v0.2). */
export type CompletedPart = { id: string; errors?: readonly GraphQLError[] }

/** One of the several answers to one operation; the first has data. */
export type IncrementalResult = ExecutionResult & {
  hasNext: boolean
  pending?: readonly PendingPart[]
  incremental?: readonly DeliveredPart[]
  completed?: readonly CompletedPart[]
}

/** Whether an operation is answered in several parts. */
export function isIncremental(
  answer: ExecutionResult | AsyncIterable<IncrementalResult>,
): answer is AsyncIterable<IncrementalResult> {
  return Symbol.asyncIterator in answer
}
