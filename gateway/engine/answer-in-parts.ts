import type { ExecutionResult } from 'graphql'
import type { FilteredOperation } from '../access/filter-operation.ts'
import type { ExecutionRequest, OperationExecutor } from './operation-executor.ts'
import { partsOf } from './parts-of-operation.ts'
import { joinedResult } from './shaped-result.ts'
import { MAX_ERRORS } from './subgraph-errors.ts'

/** Knows which operations are under way, and so which are worth being executed in parts. */
export type Crowd = {
  /** Does the work of an operation, which is told the parts to go by; none where it stays whole. */
  during: <Result>(
    operation: FilteredOperation,
    isPlanned: IsPlanned,
    work: (parts: readonly FilteredOperation[]) => Promise<Result>,
  ) => Promise<Result>
}

/** True where the plan of a part is known; else it is being made. */
type IsPlanned = (part: FilteredOperation) => boolean

/**
 * Operations that others ask with other variables at the same moment go in parts, of which those that
 * need none of these variables are shared (docs/adr/0039). Who asks alone is answered at once: the
 * parts would be planned for nobody, and their fetches would not travel together.
 */
export function createCrowd(): Crowd {
  const underWay = new WeakMap<FilteredOperation, number>()
  return {
    async during(operation, isPlanned, work) {
      const others = underWay.get(operation) ?? 0
      underWay.set(operation, others + 1)
      const parts = others > 0 ? partsOf(operation) : []
      // Of all of them, so that all are planned at once. Nobody waits for it.
      const arePlanned = parts.map(isPlanned).every(Boolean)
      try {
        return await work(arePlanned ? parts : [])
      } finally {
        underWay.set(operation, (underWay.get(operation) ?? 1) - 1)
      }
    },
  }
}

/** Executes the parts of an operation side by side, each as far as it may be with others who ask it. */
export async function answerInParts(
  execute: OperationExecutor,
  parts: readonly FilteredOperation[],
  request: ExecutionRequest,
): Promise<ExecutionResult> {
  request.observer?.enter('execute')
  // What was looked at is the whole's.
  const asked = { ...request, planned: undefined, observer: undefined }
  const results = await Promise.all(parts.map((part) => execute(part, asked)))
  const errors = results.flatMap((result) => result.errors ?? [])
  return joinedResult(results, errors.slice(0, MAX_ERRORS))
}
