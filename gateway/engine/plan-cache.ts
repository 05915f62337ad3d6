import { operationFromDocument, type Schema } from '@apollo/federation-internals'
import type { QueryPlan, QueryPlanner } from '@apollo/query-planner'
import { LRUCache } from 'lru-cache'
import type { FilteredOperation } from '../access/filter-operation.ts'
import { gatewayError } from '../errors.ts'

/** Plans of one supergraph, made once per filtered operation. */
export type PlanCache = {
  /** Throws OPERATION_NOT_PLANNABLE. */
  planOf: (operation: FilteredOperation) => QueryPlan
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
      return planner.buildQueryPlan(operationFromDocument(apiSchema, document, name))
    } catch (cause) {
      throw gatewayError('OPERATION_NOT_PLANNABLE', {}, { cause })
    }
  }

  return {
    planOf: (operation) => {
      const key = `${operation.documentHash}${operation.operationName ?? ''}`
      const known = remembered.get(key)
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
