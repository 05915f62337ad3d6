import type { FetchSubgraph, SubgraphAnswer } from '../engine/execute-plan.ts'
import { gatewayError } from '../errors.ts'
import { costOfAnswer } from './actual-cost.ts'
import type { Variables } from './amount.ts'
import type { Estimate, PlanCost } from './plan-cost.ts'

/** What an operation has cost so far. */
export type Meter = {
  readonly actual: number
  /** Of no subgraph more is estimated than it may cost. */
  readonly isWithinBounds: boolean
  /** One for each part that is executed for itself: what one has cost refuses nothing of another. */
  fetchWith: (fetchSubgraph: FetchSubgraph) => FetchSubgraph
}

export type Metering = {
  cost: PlanCost
  estimate: Estimate
  variables: Variables
  /** Null where nothing is refused. */
  bounds: { maxCost: number; maxSubgraphCost: number } | null
  /** Told of each part that was left out. */
  refused: (code: 'SUBGRAPH_COST_ESTIMATED_TOO_EXPENSIVE' | 'COST_ACTUAL_TOO_EXPENSIVE') => void
}

/** Counts what subgraphs answer, and keeps them from being asked for more than an operation may cost. */
export function createMeter({ cost, estimate, variables, bounds, refused }: Metering): Meter {
  let actual = 0
  let isCounted = true
  let open = 0
  const refuse = (code: Parameters<typeof refused>[0], subgraph: string, allowed: number) => {
    refused(code)
    return gatewayError(code, { subgraph, allowed })
  }
  const isTooMuchOf = (subgraph: string) =>
    bounds !== null && (estimate.bySubgraph.get(subgraph) ?? 0) > bounds.maxSubgraphCost
  const check = (subgraph: string, spent: number) => {
    if (!bounds) return
    const { maxCost, maxSubgraphCost } = bounds
    if (isTooMuchOf(subgraph))
      throw refuse('SUBGRAPH_COST_ESTIMATED_TOO_EXPENSIVE', subgraph, maxSubgraphCost)
    if (spent > maxCost) throw refuse('COST_ACTUAL_TOO_EXPENSIVE', subgraph, maxCost)
  }
  const fetchWith = (fetchSubgraph: FetchSubgraph): FetchSubgraph => {
    let spent = 0
    return async (subgraph, request, signal) => {
      check(subgraph, spent)
      open++
      let answer: SubgraphAnswer
      try {
        answer = await fetchSubgraph(subgraph, request, signal)
      } catch (failure) {
        if (!signal.aborted) open--
        throw failure
      }
      open--
      const counted = cost.answerOf(subgraph, request.query)
      isCounted &&= counted !== null
      // Counted before the engine writes into it.
      if (counted) {
        const points = costOfAnswer(counted, answer.data, variables)
        actual += points
        spent += points
      }
      return answer
    }
  }
  return {
    get actual() {
      // What was asked and left before its answer is done all the same, and nobody counts it.
      return isCounted && open === 0 ? actual : Math.max(actual, estimate.total)
    },
    isWithinBounds: ![...estimate.bySubgraph.keys()].some(isTooMuchOf),
    fetchWith,
  }
}
