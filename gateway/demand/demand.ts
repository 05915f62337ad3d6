import type { ExecutionResult, OperationDefinitionNode } from 'graphql'
import type { ErrorDetails } from '#kernel/errors.ts'
import type { FilteredOperation } from '../access/filter-operation.ts'
import type { FetchSubgraph } from '../engine/execute-plan.ts'
import { type IncrementalResult, isIncremental } from '../engine/incremental/incremental-result.ts'
import { gatewayError } from '../errors.ts'
import { createLiveStream } from '../live/live-stream.ts'
import type { OperationContext } from '../plugins/asking.ts'
import type { Variables } from './amount.ts'
import { clientPayer, payersOf } from './asker.ts'
import type { BudgetBook, Reservation } from './budgets.ts'
import type { ConnectionBudgets } from './connection-budgets.ts'
import type { DemandMetrics } from './demand-metrics.ts'
import type { DemandSettings } from './demand-settings.ts'
import { EXPLANATION_COST, type ExplainedCost, explainCost } from './explained-cost.ts'
import {
  type Costed,
  costOf,
  isRefused,
  type KnownPlan,
  LEAST_COST,
  type PricedOperation,
} from './operation-cost.ts'
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
  planned: KnownPlan | undefined
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
  /**
   * What an operation would cost, and what who asks has left; null where nothing is counted. The
   * explanation is paid for, and the operation is not.
   * @throws BUDGET_EXHAUSTED, COST_INVALID_SLICING_ARGUMENTS and what planning refuses
   */
  explain: (priced: PricedOperation) => Promise<ExplainedCost | null>
}

export type DemandDeps = {
  settings: DemandSettings
  budgets: BudgetBook
  connections: ConnectionBudgets
  metrics: DemandMetrics
}

type Running = DemandDeps & { costs: PlanCosts; reserved: ReadonlySet<string> }

const NONE_RESERVED: ReadonlySet<string> = new Set()

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
  if (settings.mode === 'off') return { admit: async () => UNCOUNTED, explain: async () => null }
  const running: Running = {
    ...deps,
    costs: createPlanCosts(settings.listSize),
    reserved: new Set(settings.reservedFields),
  }
  return {
    admit: (context, operation, variables) => admit(running, { context, operation, variables }),
    explain: async (priced) => {
      const { context, operation } = priced
      // By who asks, also where signing in is explained: what pays for that is for signing in.
      const payers = payersOf(context.asking.viewer, operation.operation, NONE_RESERVED)
      await reserve(running, running.budgets.open(payers), EXPLANATION_COST)
      return explainCost(running, priced)
    },
  }
}

/** Makes the refusal only where it is one: a flood that is only counted costs no stack for each. */
function refuse(
  running: Running,
  code: Parameters<typeof gatewayError>[0],
  details: ErrorDetails,
): void {
  if (isRefused(running, code)) throw gatewayError(code, details)
}

async function admit(running: Running, asked: PricedOperation): Promise<Admitted> {
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

type Entry = Costed & { reservation: Reservation }

function admitted(running: Running, asked: PricedOperation, entry: Entry): Admitted {
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
