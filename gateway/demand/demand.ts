import type { QueryPlan } from '@apollo/query-planner'
import type { ExecutionResult, OperationDefinitionNode } from 'graphql'
import { type ErrorDetails, isDomainError } from '#kernel/errors.ts'
import type { FilteredOperation } from '../access/filter-operation.ts'
import { coerceVariables } from '../engine/coerce-variables.ts'
import type { FetchSubgraph } from '../engine/execute-plan.ts'
import { withoutDefer } from '../engine/incremental/defer-in.ts'
import { type IncrementalResult, isIncremental } from '../engine/incremental/incremental-result.ts'
import { splitIntrospection } from '../engine/split-introspection.ts'
import { gatewayError } from '../errors.ts'
import { createLiveStream } from '../live/live-stream.ts'
import type { OperationContext } from '../plugins/asking.ts'
import type { Variables } from './amount.ts'
import { clientPayer, payersOf } from './asker.ts'
import type { BudgetBook, Reservation } from './budgets.ts'
import type { ConnectionBudgets } from './connection-budgets.ts'
import type { DemandMetrics } from './demand-metrics.ts'
import type { DemandSettings } from './demand-settings.ts'
import { createMeter, type Meter } from './metered-fetch.ts'
import type { Estimate } from './plan-cost.ts'
import { createPlanCosts, type PlanCosts } from './plan-costs.ts'

type Answer = ExecutionResult | AsyncIterable<IncrementalResult>

/** An operation that was let in. */
export type Admitted = {
  /** What reaches subgraphs on its behalf, counted; one for each part that is executed for itself. */
  fetchWith: (fetchSubgraph: FetchSubgraph) => FetchSubgraph
  /** False where some of its fetches will be refused, as more of a subgraph is asked than may be. */
  isWithinBounds: boolean
  /** Of a subscription: takes the cost of one event. @returns why it may not be had, or null. */
  chargeEvent: () => ReturnType<typeof gatewayError> | null
  /** Gives back what was set aside for a subscription that was refused before it began. */
  giveBack: () => void
  /** Where it is executed in one piece. */
  planned: { plan: QueryPlan; isKnown: boolean } | undefined
  /** Pays for what was fetched, also where it failed. @throws COST_ACTUAL_TOO_EXPENSIVE */
  pay: (execute: () => Promise<Answer>) => Promise<Answer>
}

/** What operations cost, and who may spend how much. */
export type Demand = {
  /**
   * Lets an operation in, or refuses it before anything is fetched.
   * @throws BUDGET_EXHAUSTED, COST_ESTIMATED_TOO_EXPENSIVE or COST_INVALID_SLICING_ARGUMENTS
   */
  admit: (
    context: OperationContext,
    operation: FilteredOperation,
    variables: Variables,
  ) => Promise<Admitted>
}

export type DemandDeps = {
  settings: DemandSettings
  budgets: BudgetBook
  connections: ConnectionBudgets
  metrics: DemandMetrics
}

type Running = DemandDeps & { costs: PlanCosts; reserved: ReadonlySet<string> }
type Asked = { context: OperationContext; operation: FilteredOperation; variables: Variables }

/** What every operation costs at least. */
const LEAST_COST = 1
/** What questions about the schema cost, which no subgraph answers. */
const SCHEMA_COST = 10

const UNCOUNTED: Admitted = {
  fetchWith: (fetchSubgraph) => fetchSubgraph,
  isWithinBounds: true,
  chargeEvent: () => null,
  giveBack: () => undefined,
  planned: undefined,
  pay: (execute) => execute(),
}

/** Demand control as the settings say. */
export function createDemand(deps: DemandDeps): Demand {
  const { settings } = deps
  if (settings.mode === 'off') return { admit: async () => UNCOUNTED }
  const running: Running = {
    ...deps,
    costs: createPlanCosts(settings.listSize),
    reserved: new Set(settings.reservedFields),
  }
  return {
    admit: (context, operation, variables) => admit(running, { context, operation, variables }),
  }
}

/** Counts a refusal. False in the mode that only counts what would have been refused. */
function isRefused({ settings, metrics }: Running, code: string): boolean {
  metrics.refusals.inc({ code, mode: settings.mode })
  return settings.mode === 'enforce'
}

/** Makes the refusal only where it is one: a flood that is only counted costs no stack for each. */
function refuse(
  running: Running,
  code: Parameters<typeof gatewayError>[0],
  details: ErrorDetails,
): void {
  if (isRefused(running, code)) throw gatewayError(code, details)
}

async function admit(running: Running, asked: Asked): Promise<Admitted> {
  const { context, operation } = asked
  const { viewer } = context.asking
  const payers = payersOf(viewer, operation.operation, running.reserved)
  const reservation = running.budgets.open(payers)
  try {
    // Before it is planned, so that a flood of what is refused costs no planning.
    await reserve(running, reservation, LEAST_COST)
    const costed = await costOf(running, asked)
    const { total } = costed.estimate
    if (total > running.settings.maxCost) {
      const details = { allowed: running.settings.maxCost, found: total }
      refuse(running, 'COST_ESTIMATED_TOO_EXPENSIVE', details)
    }
    await reserve(running, reservation, Math.max(0, total - LEAST_COST))
    const { budget } = clientPayer(viewer)
    running.metrics.estimated.observe({ class: budget }, total)
    return admitted(running, asked, { ...costed, reservation })
  } catch (failure) {
    reservation.settle(0)
    throw failure
  }
}

async function reserve(running: Running, reservation: Reservation, points: number): Promise<void> {
  const taken = reservation.take(points)
  const shortage = taken instanceof Promise ? await taken : taken
  if (shortage) refuse(running, 'BUDGET_EXHAUSTED', shortage)
}

type Costed = {
  estimate: Estimate
  perEvent: number
  /** Null where nothing is fetched. */
  meter: Meter | null
  planned: Admitted['planned']
}

const NOTHING: Costed = {
  estimate: { total: LEAST_COST, bySubgraph: new Map() },
  perEvent: LEAST_COST,
  meter: null,
  planned: undefined,
}

async function costOf(running: Running, { context, operation, variables }: Asked): Promise<Costed> {
  if (operation.isFullyDenied) return NOTHING
  const { introspection, planned } = splitIntrospection(withoutDefer(operation))
  const base = introspection ? SCHEMA_COST : 0
  if (!planned) return { ...NOTHING, estimate: { ...NOTHING.estimate, total: base || LEAST_COST } }
  const { loaded } = context
  const settled = settledFor({ context, operation, variables }, planned)
  if (!settled) return NOTHING
  const known = await planOf(context, settled)
  const cost = running.costs(known.plan, loaded.costs)
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
      meter: createMeter({ ...metering, ...boundsOf(running) }),
      planned: known,
    }
  } catch (failure) {
    if (!isDomainError(failure, 'COST_INVALID_SLICING_ARGUMENTS')) throw failure
    if (isRefused(running, failure.code)) throw failure
    return NOTHING
  }
}

/** What the executor plans for these variables; null where it refuses them. */
function settledFor({ context, operation, variables }: Asked, planned: FilteredOperation) {
  const { plans, apiSchema } = context.loaded
  if (plans.settle(planned, {}) === planned) return planned
  const coerced = coerceVariables(apiSchema, operation.operation, variables)
  return coerced.variables ? plans.settle(planned, coerced.variables) : null
}

async function planOf({ loaded, seen }: OperationContext, operation: FilteredOperation) {
  seen?.enter('plan')
  const isKnown = seen !== undefined && loaded.plans.known(operation) !== null
  return { plan: await loaded.plans.planOf(operation), isKnown }
}

function boundsOf({ settings, metrics }: Running) {
  const { mode, maxCost, maxSubgraphCost } = settings
  const refused = (code: string) => metrics.refusals.inc({ code, mode })
  return { bounds: mode === 'enforce' ? { maxCost, maxSubgraphCost } : null, refused }
}

type Entry = Costed & { reservation: Reservation }

function admitted(running: Running, asked: Asked, entry: Entry): Admitted {
  const { context, operation } = asked
  const { asking } = context
  const { meter, reservation, estimate } = entry
  const { budget } = clientPayer(asking.viewer)
  const pay = () => {
    const actual = Math.max(LEAST_COST, meter?.actual ?? estimate.total)
    reservation.settle(actual)
    running.metrics.actual.observe({ class: budget }, actual)
    context.seen?.costs(actual)
    return actual
  }
  return {
    planned: entry.planned,
    fetchWith: (fetchSubgraph) => meter?.fetchWith(fetchSubgraph) ?? fetchSubgraph,
    isWithinBounds: meter?.isWithinBounds ?? true,
    chargeEvent: chargeEventTo(running, asking.connection, entry.perEvent),
    giveBack: () => reservation.settle(LEAST_COST),
    pay: async (execute) => {
      let result: Answer
      try {
        result = await execute()
      } catch (failure) {
        pay()
        throw failure
      }
      if (isIncremental(result)) return paidAtItsEnd(result, pay)
      const actual = pay()
      const checked = checkedResult(running, { result, actual, operation: operation.operation })
      return wantsCost(context) ? withCost(checked, { actual, ...entry }) : checked
    },
  }
}

/** Lives as long as its subscription, and holds nothing else of how that was asked. */
function chargeEventTo({ connections, metrics, settings }: Running, payer: object, points: number) {
  return () => {
    const refusal = connections.charge(payer, points)
    if (refusal) metrics.refusals.inc({ code: refusal.code, mode: settings.mode })
    return settings.mode === 'enforce' ? refusal : null
  }
}

/** What is deferred is fetched after the first part: all is paid when the last is there, or nobody waits any more. */
function paidAtItsEnd(
  parts: AsyncIterable<IncrementalResult>,
  pay: () => void,
): AsyncIterable<IncrementalResult> {
  const source = parts[Symbol.asyncIterator]()
  return createLiveStream({
    source: { [Symbol.asyncIterator]: () => source },
    abort: () => void source.return?.(),
    ended: pay,
  })
}

type Answered = { result: ExecutionResult; actual: number; operation: OperationDefinitionNode }

/** A change has happened, whatever its answer cost: that it did is not kept from who made it. */
function checkedResult(running: Running, { result, actual, operation }: Answered): ExecutionResult {
  const { maxCost } = running.settings
  if (actual <= maxCost || operation.operation !== 'query') return result
  refuse(running, 'COST_ACTUAL_TOO_EXPENSIVE', { allowed: maxCost, found: actual })
  return result
}

function wantsCost({ asking, params }: OperationContext): boolean {
  return asking.facts?.wantsCost === true || params.extensions?.cost === true
}

/** Laid over a copy: the answer may be shared with others. */
function withCost(
  result: ExecutionResult,
  { estimate, actual, reservation }: Entry & { actual: number },
): ExecutionResult {
  const { remaining, resetsAt } = reservation.state()
  const cost = { requested: estimate.total, actual, remaining, resetsAt: resetsAt.toISOString() }
  return { ...result, extensions: { ...result.extensions, cost } }
}
