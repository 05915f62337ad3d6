import type { AllowanceBounds } from '#kernel/counters/allowance.ts'

/** Off: nothing is counted. Measure: all is counted and nothing refused. Enforce: both. */
export const DEMAND_MODES = ['off', 'measure', 'enforce'] as const
export type DemandMode = (typeof DEMAND_MODES)[number]

/** Of whom a budget is. */
export const BUDGETS = [
  'anonymous',
  'user',
  'key',
  'operator',
  'tenant',
  'signIn',
  'connection',
] as const
export type BudgetName = (typeof BUDGETS)[number]
export type Budgets = Readonly<Record<BudgetName, AllowanceBounds>>

/** What operations may cost, and what those who ask may spend, in points. */
export type DemandSettings = {
  mode: DemandMode
  /** Length of lists of which the schema says nothing. */
  listSize: number
  /** What one operation may cost, estimated and in fact. */
  maxCost: number
  /** What one operation may cost in one subgraph. */
  maxSubgraphCost: number
  budgets: Budgets
  /** Changes that are paid from the budget `signIn`, and so go on when all others are spent. */
  reservedFields: readonly string[]
}

/** Nothing is refused by whoever configured nothing: what a foreign schema's lists hold is not known. */
export const defaultDemand: DemandSettings = {
  mode: 'measure',
  listSize: 10,
  maxCost: 200_000,
  maxSubgraphCost: 200_000,
  budgets: {
    anonymous: { most: 200_000, perSecond: 4_000 },
    user: { most: 400_000, perSecond: 10_000 },
    key: { most: 800_000, perSecond: 20_000 },
    operator: { most: 2_000_000, perSecond: 50_000 },
    tenant: { most: 4_000_000, perSecond: 100_000 },
    signIn: { most: 10_000, perSecond: 500 },
    connection: { most: 200_000, perSecond: 5_000 },
  },
  reservedFields: ['signIn', 'refreshTokens', 'signOut'],
}
