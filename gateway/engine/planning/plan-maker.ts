import {
  operationFromDocument,
  ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
  type Schema,
  Supergraph,
} from '@apollo/federation-internals'
import { QueryPlanner } from '@apollo/query-planner'
import { parse } from 'graphql'
import { parseSupergraph } from '../parse-supergraph.ts'
import { settledDocument } from '../settled-conditions.ts'
import type { PlannerAnswer, PlannerQuestion, PlannerRefusal } from './planner-messages.ts'

type Loaded = { planner: QueryPlanner; apiSchema: Schema }

/**
 * Bounds within the planner, both above what any sensible operation needs: plans that it weighs
 * against each other, and ways to one field that it follows.
 */
const MOST_EVALUATED_PLANS = 1_000
const MOST_PATHS = 2_000

/** Reads a supergraph with all of its subgraphs, and checks each. */
function load(sdlWithRules: string): Loaded {
  const supergraph = Supergraph.build(parseSupergraph(sdlWithRules).sdl, {
    supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
    validateSupergraph: true,
  })
  const planner = new QueryPlanner(supergraph, {
    incrementalDelivery: { enableDefer: true },
    debug: { maxEvaluatedPlans: MOST_EVALUATED_PLANS, pathsLimit: MOST_PATHS },
  })
  return { planner, apiSchema: supergraph.apiSchema() }
}

function planned(
  { planner, apiSchema }: Loaded,
  { text, operationName, overrideLabels, mostCharacters }: PlannerQuestion & { kind: 'plan' },
): PlannerAnswer {
  const name = operationName === null ? {} : { operationName }
  const document = settledDocument(parse(text, { noLocation: true }), null)
  const operation = operationFromDocument(apiSchema, document, name)
  const overrideConditions = new Map(overrideLabels.map((label) => [label, true]))
  const plan = JSON.stringify(planner.buildQueryPlan(operation, { overrideConditions }))
  return plan.length > mostCharacters
    ? { kind: 'refused', refusal: 'too large', reason: `${plan.length} characters` }
    : { kind: 'planned', plan }
}

/** What the planner throws says of the question why it cannot be answered; it never ends the process. */
function refusedOr(refusal: PlannerRefusal, answer: () => PlannerAnswer): PlannerAnswer {
  try {
    return answer()
  } catch (failure) {
    const reason = failure instanceof Error ? failure.message : String(failure)
    return { kind: 'refused', refusal, reason: reason.slice(0, 500) }
  }
}

/** Answers questions for plans, of the supergraph that was loaded last. */
export function createPlanMaker(): (question: PlannerQuestion) => PlannerAnswer {
  let loaded: Loaded | null = null
  return (question) => {
    if (question.kind === 'load')
      return refusedOr('not loadable', () => {
        loaded = null
        loaded = load(question.sdl)
        return { kind: 'loaded' }
      })
    return refusedOr('not plannable', () => {
      if (!loaded) throw new Error('No supergraph is loaded.')
      return planned(loaded, question)
    })
  }
}
