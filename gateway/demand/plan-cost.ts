import type { FetchNode, PlanNode, QueryPlan, SubscriptionNode } from '@apollo/query-planner'
import { gatewayError } from '../errors.ts'
import { type Amount, amountFor, largerOf, productOf, sumOf, type Variables } from './amount.ts'
import type { CostTables } from './cost-table.ts'
import { type AnswerCost, type FetchCost, fetchCost } from './fetch-cost.ts'

/** What an operation is estimated to cost, whole and in each subgraph. */
export type Estimate = { total: number; bySubgraph: ReadonlyMap<string, number> }

/** What a plan costs, worked out once. */
export type PlanCost = {
  /** What it costs does not depend on variables. */
  isKnown: boolean
  /** @throws COST_INVALID_SLICING_ARGUMENTS */
  estimate: (variables: Variables) => Estimate
  /**
   * Of a subscription: what completing one event costs, and its delivery.
   * @throws COST_INVALID_SLICING_ARGUMENTS
   */
  perEvent: (variables: Variables) => number
  /** How answers of a subgraph to a fetch of this text are counted; null where that is not known. */
  answerOf: (subgraph: string, text: string) => AnswerCost | null
}

type NodeCost = { total: Amount; bySubgraph: ReadonlyMap<string, Amount> }
type Node = PlanNode | SubscriptionNode | undefined | null

type Run = {
  tables: CostTables
  listSize: number
  answers: Map<string, AnswerCost>
  /** Lengths of the lists that were met, by the keys that lead to them from the root. */
  sizes: Map<string, Amount>
}

const NOTHING: NodeCost = { total: 0, bySubgraph: new Map() }
const DELIVERY_COST = 1
const LIST = '@'
/** How many texts one plan may be fetched by, so that its memory stays bounded. */
const MOST_TEXTS = 500

/**
 * Works out what a plan costs (docs/adr/0029).
 * @throws COST_QUERY_PARSE_FAILURE for a fetch that does not fit its subgraph
 */
export function planCost(
  { node }: { node?: QueryPlan['node'] | undefined },
  { tables, listSize }: { tables: CostTables; listSize: number },
): PlanCost {
  const run: Run = { tables, listSize, answers: new Map(), sizes: new Map() }
  const isSubscription = node?.kind === 'Subscription'
  const { total, bySubgraph } = costOfNode(run, isSubscription ? node.primary : node, [])
  const rest = isSubscription ? costOfNode(run, node.rest, []) : NOTHING
  const perEvent = isSubscription ? sumOf([rest.total, DELIVERY_COST]) : 0
  const estimateFor = (variables: Variables): Estimate => ({
    total: amountFor(total, variables),
    bySubgraph: new Map([...bySubgraph].map(([name, cost]) => [name, amountFor(cost, variables)])),
  })
  const isKnown = [total, ...bySubgraph.values()].every((cost) => typeof cost === 'number')
  const known = isKnown ? estimateFor({}) : null
  return {
    isKnown: isKnown && typeof perEvent === 'number',
    estimate: known ? () => known : estimateFor,
    perEvent: (variables) => amountFor(perEvent, variables),
    answerOf: (subgraph, text) => answerOf(run, subgraph, text),
  }
}

/** Fetches that travel together, and those of parts, have texts that stand in no plan. */
function answerOf(run: Run, subgraph: string, text: string): AnswerCost | null {
  const known = run.answers.get(text)
  if (known) return known
  const table = run.tables.get(subgraph)
  if (!table || run.answers.size >= MOST_TEXTS) return null
  const { answer } = fetchCost(text, { table, listSize: run.listSize, entities: null })
  run.answers.set(text, answer)
  return answer
}

function costOfNode(run: Run, node: Node, path: readonly string[]): NodeCost {
  if (!node) return NOTHING
  switch (node.kind) {
    case 'Fetch':
      return costOfFetch(run, node, path)
    case 'Flatten':
      return costOfNode(run, node.node, [...path, ...node.path.map(String)])
    case 'Sequence':
    case 'Parallel':
      return together(node.nodes.map((child) => costOfNode(run, child, path)))
    case 'Condition':
      return dearer(costOfNode(run, node.ifClause, path), costOfNode(run, node.elseClause, path))
    case 'Defer': {
      const deferred = node.deferred.map(({ node: part }) => costOfNode(run, part, path))
      return together([costOfNode(run, node.primary.node, path), ...deferred])
    }
    case 'Subscription':
      return costOfFetch(run, node.primary, path)
  }
}

function costOfFetch(run: Run, fetch: FetchNode, path: readonly string[]): NodeCost {
  const table = run.tables.get(fetch.serviceName)
  if (!table) throw gatewayError('COST_QUERY_PARSE_FAILURE', { subgraph: fetch.serviceName })
  const entities = fetch.requires ? entitiesAt(run, path) : null
  const cost = fetchCost(fetch.operation, { table, listSize: run.listSize, entities })
  run.answers.set(fetch.operation, cost.answer)
  rememberSizes(run, cost, { path, isOfEntities: entities !== null })
  return { total: cost.estimate, bySubgraph: new Map([[fetch.serviceName, cost.estimate]]) }
}

/** As many entities as the lists on the way to them have items; one where there is none. */
function entitiesAt(run: Run, path: readonly string[]): Amount {
  let count: Amount = 1
  const keys: string[] = []
  for (const step of path) {
    const size = run.sizes.get(keys.join('.'))
    if (!step.startsWith(LIST)) keys.push(keyOf(step))
    else count = productOf(count, size ?? run.listSize)
  }
  return count
}

/** Steps may name the types that they go through: `node|[User]`. */
const keyOf = (step: string): string => step.split('|', 1)[0] ?? step

type Where = { path: readonly string[]; isOfEntities: boolean }

function rememberSizes(run: Run, { sizes }: FetchCost, { path, isOfEntities }: Where): void {
  const here = path.filter((step) => !step.startsWith(LIST)).map(keyOf)
  for (const [place, size] of sizes) {
    const keys = place.split('.')
    const key = [...here, ...(isOfEntities ? keys.slice(1) : keys)].join('.')
    if (isOfEntities && keys.length === 1) continue
    const known = run.sizes.get(key)
    run.sizes.set(key, known === undefined ? size : largerOf(known, size))
  }
}

function together(costs: readonly NodeCost[]): NodeCost {
  return joined(costs, (left, right) => sumOf([left, right]))
}

function dearer(left: NodeCost, right: NodeCost): NodeCost {
  return joined([left, right], largerOf)
}

function joined(
  costs: readonly NodeCost[],
  join: (left: Amount, right: Amount) => Amount,
): NodeCost {
  const bySubgraph = new Map<string, Amount>()
  let total: Amount = 0
  for (const cost of costs) {
    total = join(total, cost.total)
    for (const [name, amount] of cost.bySubgraph)
      bySubgraph.set(name, join(bySubgraph.get(name) ?? 0, amount))
  }
  return { total, bySubgraph }
}
