import { payersOf } from './asker.ts'
import type { BudgetBook } from './budgets.ts'
import { costOf, type PricedOperation, type Pricing, SCHEMA_COST } from './operation-cost.ts'

/** What an operation would cost, told before it is executed. */
export type ExplainedCost = {
  /** Points, as `extensions.cost.requested` says of the same operation when it is executed. */
  requested: number
  /** Of a subscription: points for each event. */
  perEvent?: number
  /** What one operation may cost; null where nothing is refused for its cost. */
  most: number | null
  /** What is left of the budget that would pay for it. */
  remaining: number
  resetsAt: string
  /** Whether it would have been let in, whole, in place of its explanation. */
  isWithinBounds: boolean
}

/** What an explanation costs: it is planned for like an operation, and nobody is asked for data. */
export const EXPLANATION_COST = SCHEMA_COST

type Explaining = Pricing & { budgets: BudgetBook; reserved: ReadonlySet<string> }

/**
 * Prices an operation and reads the budget that would pay for it.
 * @throws COST_INVALID_SLICING_ARGUMENTS, and what planning refuses
 */
export async function explainCost(
  explaining: Explaining,
  priced: PricedOperation,
): Promise<ExplainedCost> {
  const { maxCost, mode } = explaining.settings
  const { estimate, perEvent, meter } = await costOf(explaining, priced)
  const requested = estimate.total
  const { operation } = priced.operation.operation
  const { remaining, resetsAt, isPaidFor } = await budgetFor(explaining, priced, requested)
  const fits = requested <= maxCost && meter?.isWithinBounds !== false && isPaidFor
  return {
    requested,
    ...(operation === 'subscription' ? { perEvent } : {}),
    most: mode === 'enforce' ? maxCost : null,
    ...{ remaining, resetsAt: resetsAt.toISOString() },
    isWithinBounds: mode !== 'enforce' || fits,
  }
}

async function budgetFor(
  { budgets, settings, reserved }: Explaining,
  { context, operation }: PricedOperation,
  requested: number,
) {
  const payers = payersOf(context.asking.viewer, operation.operation, reserved)
  const reservation = budgets.open(payers)
  // Nothing is taken: purses say what they hold to whoever takes.
  await reservation.take(0)
  const { remaining, resetsAt } = reservation.state()
  const [client] = payers
  // What costs more than a full purse holds may be asked for with a full purse.
  const wanted = client ? Math.min(requested, settings.budgets[client.budget].most) : 0
  const spent = client?.budget === 'signIn' ? 0 : EXPLANATION_COST
  return { remaining, resetsAt, isPaidFor: wanted <= remaining + spent }
}
