import type { QueryPlan } from '@apollo/query-planner'
import type { CostTables } from './cost-table.ts'
import { type PlanCost, planCost } from './plan-cost.ts'

/** What plans cost, remembered with them. */
export type PlanCosts = (plan: QueryPlan, tables: CostTables) => PlanCost

/** Works out the cost of each plan once. */
export function createPlanCosts(listSize: number): PlanCosts {
  const known = new WeakMap<QueryPlan, PlanCost>()
  return (plan, tables) => {
    const remembered = known.get(plan)
    if (remembered) return remembered
    const cost = planCost(plan, { tables, listSize })
    known.set(plan, cost)
    return cost
  }
}
