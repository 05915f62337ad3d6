import type { QueryPlan } from '@apollo/query-planner'
import { LRUCache } from 'lru-cache'
import type { DomainError } from '#kernel/errors.ts'
import { isDomainError } from '#kernel/errors.ts'
import type { FilteredOperation } from '../access/filter-operation.ts'
import { figuresOf, type MemoryFigures } from '../seeing/memory-figures.ts'
import type { MadePlan, Planner } from './planning/planner.ts'
import type { Settle } from './settled-conditions.ts'

/** What is planned and known by: equal texts have equal hashes. */
export type PlannedOperation = Pick<FilteredOperation, 'documentHash' | 'operationName' | 'text'>

/** Plans of one supergraph, made once per filtered operation. */
export type PlanCache = {
  /**
   * At once where it is known; who asks for what is under way waits with those who asked before.
   * @throws OPERATION_NOT_PLANNABLE, PLAN_TOO_LARGE, PLANNING_TIMEOUT or PLANNING_OVERLOADED
   */
  planOf: (operation: PlannedOperation) => QueryPlan | Promise<QueryPlan>
  /** The plan, where it is known. */
  known: (operation: PlannedOperation) => QueryPlan | null
  /**
   * Plans what nobody waits for, while the planner has nothing else to do; what failed is not tried again
   * for a minute. Null where nothing was begun.
   */
  planIdly: (operation: PlannedOperation) => Promise<QueryPlan> | null
  /** What is planned of an operation for a request with these variables. */
  settle: Settle
  readonly figures: MemoryFigures
  readonly size: number
  /** How often the planner was asked. */
  readonly asked: number
}

export type PlanCacheDeps = {
  planner: Pick<Planner, 'plan'>
  /** How long an operation that took too much of the planner is refused without another try. */
  refusedMs: number
  settle?: Settle
  capacity?: number
}

const DEFAULT_CAPACITY = 2000
/** Characters of all remembered plans together. */
const MAX_CHARACTERS = 64_000_000
/** What would cost as much the next time. */
const REMEMBERED = ['PLANNING_TIMEOUT', 'PLAN_TOO_LARGE'] as const

/** For how long what nobody waited for is left alone after it failed. */
const LEFT_ALONE_MS = 60_000

const isRemembered = (failure: unknown): failure is DomainError =>
  REMEMBERED.some((code) => isDomainError(failure, code))

/** A bounded memory of plans, and for a while of operations that the planner could not bear. */
export function createPlanCache(deps: PlanCacheDeps): PlanCache {
  const { planner, refusedMs, capacity, settle = (operation) => operation } = deps
  const max = capacity ?? DEFAULT_CAPACITY
  const remembered = new LRUCache<string, MadePlan>({
    ...{ max, maxSize: MAX_CHARACTERS, sizeCalculation: ({ characters }) => characters },
  })
  const refused = new LRUCache<string, DomainError>({ max, ttl: refusedMs })
  const leftAlone = new LRUCache<string, true>({ max, ttl: LEFT_ALONE_MS })
  const underWay = new Map<string, Promise<QueryPlan>>()
  let asked = 0

  const make = async (key: string, { text, operationName }: PlannedOperation) => {
    asked++
    try {
      const made = await planner.plan({ text, operationName })
      remembered.set(key, made)
      return made.plan
    } catch (failure) {
      if (isRemembered(failure)) refused.set(key, failure)
      throw failure
    } finally {
      underWay.delete(key)
    }
  }

  const keyOf = ({ documentHash, operationName }: PlannedOperation) =>
    `${documentHash}${operationName ?? ''}`
  const figures = figuresOf(remembered)
  const planOf = (operation: PlannedOperation) => {
    const key = keyOf(operation)
    const known = remembered.get(key)
    figures[known ? 'hits' : 'misses']++
    if (known) return known.plan
    const refusal = refused.get(key)
    if (refusal) return Promise.reject(refusal)
    const making = underWay.get(key) ?? make(key, operation)
    underWay.set(key, making)
    return making
  }
  const planIdly = (operation: PlannedOperation) => {
    const key = keyOf(operation)
    if (underWay.size > 0 || leftAlone.has(key)) return null
    return Promise.resolve(planOf(operation)).catch((failure: unknown) => {
      leftAlone.set(key, true)
      throw failure
    })
  }

  return {
    ...{ figures, settle, planOf, planIdly },
    known: (operation) => remembered.get(keyOf(operation))?.plan ?? null,
    get size() {
      return remembered.size
    },
    get asked() {
      return asked
    },
  }
}
