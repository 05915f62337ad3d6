import { operationFromDocument, type Schema } from '@apollo/federation-internals'
import type { QueryPlan, QueryPlanner } from '@apollo/query-planner'
import { LRUCache } from 'lru-cache'
import type { FilteredOperation } from '../access/filter-operation.ts'
import { gatewayError } from '../errors.ts'
import { figuresOf, type MemoryFigures } from '../seeing/memory-figures.ts'
import { keepingObjects } from './kept-objects.ts'

/** Plans of one supergraph, made once per filtered operation. */
export type PlanCache = {
  /** Throws OPERATION_NOT_PLANNABLE. */
  planOf: (operation: FilteredOperation) => QueryPlan
  has: (operation: FilteredOperation) => boolean
  readonly figures: MemoryFigures
  readonly size: number
}

const DEFAULT_CAPACITY = 2000

/**
 * A bounded memory of plans. Planning is synchronous, so equal operations that arrive together are
 * planned once without further ado.
 */
export function createPlanCache(deps: {
  planner: QueryPlanner
  apiSchema: Schema
  capacity?: number
}): PlanCache {
  const { planner, apiSchema, capacity = DEFAULT_CAPACITY } = deps
  const remembered = new LRUCache<string, QueryPlan>({ max: capacity })

  const build = ({ document, operationName }: FilteredOperation) => {
    const name = operationName === null ? {} : { operationName }
    try {
      return planner.buildQueryPlan(
        operationFromDocument(apiSchema, keepingObjects(document), name),
      )
    } catch (cause) {
      throw gatewayError('OPERATION_NOT_PLANNABLE', {}, { cause })
    }
  }

  const keyOf = ({ documentHash, operationName }: FilteredOperation) =>
    `${documentHash}${operationName ?? ''}`
  const figures = figuresOf(remembered)

  return {
    figures,
    has: (operation) => remembered.has(keyOf(operation)),
    planOf: (operation) => {
      const key = keyOf(operation)
      const known = remembered.get(key)
      figures[known ? 'hits' : 'misses']++
      if (known) return known
      const plan = build(operation)
      remembered.set(key, plan)
      return plan
    },
    get size() {
      return remembered.size
    },
  }
}
