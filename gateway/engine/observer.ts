import type { PlanNode, QueryPlan } from '@apollo/query-planner'

/** What an operation goes through, in this order; what it does not need it leaves out. */
export const STAGES = [
  'parse',
  'validate',
  'prepare',
  'wait',
  'authorise',
  'plan',
  'execute',
  'shape',
] as const

/** One of them; each ends where the next begins. */
export type Stage = (typeof STAGES)[number]

/** Told how one operation goes on. Where nobody looks there is none, and nothing is made for it. */
export type OperationObserver = {
  enter: (stage: Stage) => void
  /** The plan, and whether it was known already. */
  planned: (plan: QueryPlan, isKnown: boolean) => void
  /** Whether its asker is shown the plan: then that is what is executed, and no part of it. */
  readonly isPlanShown: boolean
  /** Looks at the nodes of the plan. */
  readonly nodes: NodeObserver | undefined
}

/** Looks at one node of a plan while it is executed. */
export type NodeObserver = {
  /** Begins to look at a node within this one. */
  within: (node: PlanNode) => NodeObserver
  /** By which a subgraph finds the trace that a fetch belongs to (W3C Trace Context). */
  readonly traceparent: string | undefined
  failed: (failure: unknown) => void
  end: () => void
}
