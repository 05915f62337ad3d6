import type { ExecutionResult } from 'graphql'
import type { FilteredOperation } from '../access/filter-operation.ts'
import type { OperationObserver } from './observer.ts'
import type { ExecutionRequest, OperationExecutor } from './operation-executor.ts'
import { joinedResult } from './shaped-result.ts'

/** Knows which operations are under way, and so which are worth being executed in parts. */
export type Crowd = {
  /** Does the work of an operation, and tells it whether the same is under way for others, with other variables. */
  during: <Result>(
    operation: FilteredOperation,
    work: (isAskedByOthers: boolean) => Promise<Result>,
  ) => Promise<Result>
}

export function createCrowd(): Crowd {
  const underWay = new WeakMap<FilteredOperation, number>()
  return {
    async during(operation, work) {
      const others = underWay.get(operation) ?? 0
      underWay.set(operation, others + 1)
      try {
        return await work(others > 0)
      } finally {
        underWay.set(operation, (underWay.get(operation) ?? 1) - 1)
      }
    },
  }
}

/** Of a part only its nodes are looked at: the stages are the whole's. */
const observerOfPart = (nodes: OperationObserver['nodes']): OperationObserver => ({
  enter: () => undefined,
  planned: () => undefined,
  isPlanShown: false,
  nodes,
})

/**
 * Operations that others ask with other variables at the same moment go in parts, of which those that
 * need none of these variables are shared (docs/adr/0039). They are executed side by side, each as far
 * as it may be with others who ask it.
 */
export async function answerInParts(
  execute: OperationExecutor,
  parts: readonly FilteredOperation[],
  request: ExecutionRequest,
): Promise<ExecutionResult> {
  const { observer, fetchForPart, ...asked } = request
  observer?.enter('execute')
  const nodes = observer?.nodes
  const answerOf = (part: FilteredOperation) =>
    execute(part, {
      ...asked,
      fetchSubgraph: fetchForPart?.() ?? request.fetchSubgraph,
      planned: undefined,
      observer: nodes && observerOfPart(nodes),
    })
  const results = await Promise.all(parts.map(answerOf))
  return joinedResult(
    results,
    results.flatMap(({ errors = [] }) => errors),
  )
}
