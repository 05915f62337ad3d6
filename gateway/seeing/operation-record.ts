import type { QueryPlan } from '@apollo/query-planner'
import type { Tracer } from '@opentelemetry/api'
import type { ExecutionResult } from 'graphql'
import type { FilteredOperation } from '../access/filter-operation.ts'
import type { OperationObserver, Stage } from '../engine/observer.ts'
import type { EventObserver } from '../engine/subscribe.ts'
import { type PlanRecord, recordPlan } from './node-record.ts'
import { type Descent, openSpans, type StageTime } from './operation-spans.ts'

/** All that is seen of one operation while it goes through the gateway. */
export type OperationRecord = OperationObserver & {
  /** By `performance.now()`. */
  readonly startedAt: number
  /** Those that have ended, in their order. */
  readonly stages: readonly StageTime[]
  readonly seen: {
    plan: { query: QueryPlan; isKnown: boolean } | null
    /** How its nodes were executed; null where that is not looked at, or not yet. */
    executed: PlanRecord | null
    operation: FilteredOperation | null
    /** In points; null where that is not known. */
    cost: number | null
  }
  /** For subgraphs that are asked by no node of a plan. */
  readonly traceparent: string | undefined
  /** What it turned out to be, once its asker's rights were looked at. */
  is: (operation: FilteredOperation) => void
  costs: (points: number) => void
  /** Without a result for a subscription that has begun. */
  end: (result: ExecutionResult | null) => void
  /** Begins to look at an event of this subscription; absent where nobody does. */
  seeEvent: (() => EventObserver | undefined) | undefined
}

export type RecordDeps = Descent & {
  /** Null where no spans are made. */
  tracer: Tracer | null
  /** Whether somebody wants to know of single nodes besides a trace. */
  looksAtNodes: boolean
  isPlanShown: boolean
}

/** Begins to look at an operation. */
export function recordOperation({
  tracer,
  looksAtNodes,
  isPlanShown,
  ...descent
}: RecordDeps): OperationRecord {
  const spans = tracer && openSpans(tracer, descent)
  const isTraced = spans?.isRecording === true
  const watch = stopwatch()
  const seen: OperationRecord['seen'] = { plan: null, executed: null, operation: null, cost: null }
  return {
    ...{ seen, isPlanShown, stages: watch.stages, startedAt: watch.startedAt },
    traceparent: spans?.traceparent,
    enter: watch.enter,
    get nodes() {
      if (!isTraced && !looksAtNodes) return undefined
      seen.executed = recordPlan(isTraced ? spans.place() : null)
      return seen.executed
    },
    planned(query, isKnown) {
      seen.plan = { query, isKnown }
      if (isTraced) spans.tell({ 'dbsbm.plan.cache': isKnown ? 'hit' : 'miss' })
    },
    is(operation) {
      seen.operation = operation
      if (isTraced) spans.describe(operation)
    },
    costs(points) {
      seen.cost = points
      if (isTraced) spans.tell({ 'dbsbm.cost': points })
    },
    end(result) {
      watch.stop()
      spans?.end(result, isTraced ? watch.stages : [])
    },
    seeEvent: spans ? () => spans.seeEvent(seen.operation) : undefined,
  }
}

/** Stages follow one another: each ends where the next begins. */
function stopwatch() {
  const stages: StageTime[] = []
  const startedAt = performance.now()
  let current: { stage: Stage; from: number } | null = null
  const stop = () => {
    if (current) stages.push({ ...current, to: performance.now() })
    current = null
  }
  return {
    ...{ stages, startedAt, stop },
    enter(stage: Stage) {
      if (current?.stage === stage) return
      stop()
      current = { stage, from: performance.now() }
    },
  }
}
