import type { QueryPlan } from '@apollo/query-planner'
import { isDomainError } from '#kernel/errors.ts'
import type { FilteredOperation } from '../access/filter-operation.ts'
import { coerceVariables } from '../engine/coerce-variables.ts'
import { withoutDefer } from '../engine/incremental/defer-in.ts'
import { splitIntrospection } from '../engine/split-introspection.ts'
import type { OperationContext } from '../plugins/asking.ts'
import type { Variables } from './amount.ts'
import type { DemandMetrics } from './demand-metrics.ts'
import type { DemandSettings } from './demand-settings.ts'
import { createMeter, type Meter } from './metered-fetch.ts'
import type { Estimate } from './plan-cost.ts'
import type { PlanCosts } from './plan-costs.ts'

/** An operation as far as its asker may have it, with the variables that it is asked with. */
export type PricedOperation = {
  context: OperationContext
  operation: FilteredOperation
  variables: Variables
}

/** What operations are priced with. */
export type Pricing = { settings: DemandSettings; metrics: DemandMetrics; costs: PlanCosts }

/** A plan, and whether it was there before. */
export type KnownPlan = { plan: QueryPlan; isKnown: boolean }

/** What every operation costs at least. */
export const LEAST_COST = 1
/** What questions about the schema cost, which no subgraph answers. */
export const SCHEMA_COST = 10

/** Counts a refusal. False in the mode that only counts what would have been refused. */
export function isRefused({ settings, metrics }: Pricing, code: string): boolean {
  metrics.refusals.inc({ code, mode: settings.mode })
  return settings.mode === 'enforce'
}

/** What an operation is estimated to cost, and what counts what it costs in fact. */
export type Costed = {
  estimate: Estimate
  perEvent: number
  /** Null where nothing is fetched. */
  meter: Meter | null
  planned: KnownPlan | undefined
}

const NOTHING: Costed = {
  estimate: { total: LEAST_COST, bySubgraph: new Map() },
  perEvent: LEAST_COST,
  meter: null,
  planned: undefined,
}

/**
 * Works out what an operation costs with these variables; nothing is fetched.
 * @throws COST_INVALID_SLICING_ARGUMENTS, and what planning refuses
 */
export async function costOf(
  pricing: Pricing,
  { context, operation, variables }: PricedOperation,
): Promise<Costed> {
  if (operation.isFullyDenied) return NOTHING
  const { introspection, planned } = splitIntrospection(withoutDefer(operation))
  const base = introspection ? SCHEMA_COST : 0
  if (!planned) return { ...NOTHING, estimate: { ...NOTHING.estimate, total: base || LEAST_COST } }
  const { loaded } = context
  const settled = settledFor({ context, operation, variables }, planned)
  if (!settled) return NOTHING
  const known = await planOf(context, settled)
  const cost = pricing.costs(known.plan, loaded.costs)
  const coerced = cost.isKnown
    ? { variables: {} }
    : coerceVariables(loaded.apiSchema, operation.operation, variables)
  // The executor says what is wrong with them, and fetches nothing.
  if (!coerced.variables) return NOTHING
  try {
    const fetched = cost.estimate(coerced.variables)
    const estimate = { ...fetched, total: Math.max(LEAST_COST, fetched.total + base) }
    const metering = { cost, estimate, variables: coerced.variables }
    return {
      estimate,
      perEvent: cost.perEvent(coerced.variables),
      meter: createMeter({ ...metering, ...boundsOf(pricing) }),
      planned: known,
    }
  } catch (failure) {
    if (!isDomainError(failure, 'COST_INVALID_SLICING_ARGUMENTS')) throw failure
    if (isRefused(pricing, failure.code)) throw failure
    return NOTHING
  }
}

/** What the executor plans for these variables; null where it refuses them. */
function settledFor(
  { context, operation, variables }: PricedOperation,
  planned: FilteredOperation,
) {
  const { plans, apiSchema } = context.loaded
  if (plans.settle(planned, {}) === planned) return planned
  const coerced = coerceVariables(apiSchema, operation.operation, variables)
  return coerced.variables ? plans.settle(planned, coerced.variables) : null
}

async function planOf(
  { loaded, seen }: OperationContext,
  operation: FilteredOperation,
): Promise<KnownPlan> {
  seen?.enter('plan')
  const isKnown = seen !== undefined && loaded.plans.known(operation) !== null
  return { plan: await loaded.plans.planOf(operation), isKnown }
}

function boundsOf({ settings, metrics }: Pricing) {
  const { mode, maxCost, maxSubgraphCost } = settings
  const refused = (code: string) => metrics.refusals.inc({ code, mode })
  return { bounds: mode === 'enforce' ? { maxCost, maxSubgraphCost } : null, refused }
}

/** By what an operation is fetched with these variables; null where nothing is. Throws what planning refuses. */
export async function plannedFor(priced: PricedOperation): Promise<QueryPlan | null> {
  const { context, operation } = priced
  if (operation.isFullyDenied) return null
  const { planned } = splitIntrospection(withoutDefer(operation))
  const settled = planned && settledFor(priced, planned)
  return settled && (await planOf(context, settled)).plan
}
