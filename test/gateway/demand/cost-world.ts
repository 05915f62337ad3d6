import { type DocumentNode, parse } from 'graphql'
import { planCost } from '#gateway/demand/plan-cost.ts'
import { coerceVariables } from '#gateway/engine/coerce-variables.ts'
import {
  anonymous,
  FEDERATION,
  federatedWorld,
  type Loaded,
  loadWorld,
  type SubgraphSource,
} from '../engine/federated-world.ts'

/** Imports that speak of cost, under the names that are given. */
export const costLink = (names = '"@cost", "@listSize"') => `
  extend schema @link(url: "${FEDERATION}", import: ["@key", "@shareable", "@external", "@requires", ${names}])
`

/** A supergraph of one subgraph, or of several, ready to be asked what things cost. */
export async function costWorld(
  subgraphs: Record<string, SubgraphSource>,
  edit?: (sdl: string) => string,
) {
  const world = federatedWorld(subgraphs, edit)
  const loaded = await loadWorld(world)
  return {
    world,
    loaded,
    costOf: (query: string, given: Given = {}) => costOf(loaded, query, given),
  }
}

type Given = { variables?: Record<string, unknown>; listSize?: number }

/** The plan's cost of a query, and the variables as they are after coercion. */
export async function costOf(
  loaded: Loaded,
  query: string,
  { variables = {}, listSize = 10 }: Given,
) {
  const document: DocumentNode = parse(query)
  const filtered = loaded.authorise({ document }, anonymous)
  const coerced = coerceVariables(loaded.apiSchema, filtered.operation, variables)
  if (coerced.errors) throw new AggregateError(coerced.errors)
  const plan = await loaded.plans.planOf(filtered)
  const cost = planCost(plan, { tables: loaded.costs, listSize })
  return { cost, plan, variables: coerced.variables, estimate: cost.estimate(coerced.variables) }
}
