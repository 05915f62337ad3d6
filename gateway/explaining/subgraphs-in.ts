import type { PlanNode, QueryPlan, SubscriptionNode } from '@apollo/query-planner'

type Node = PlanNode | SubscriptionNode | undefined

type Variables = Readonly<Record<string, unknown>>

function within(node: Node, variables: Variables): readonly string[] {
  if (!node) return []
  const all = (nodes: readonly Node[]) => nodes.flatMap((child) => within(child, variables))
  switch (node.kind) {
    case 'Fetch':
      return [node.serviceName]
    case 'Flatten':
      return within(node.node, variables)
    case 'Condition':
      return within(variables[node.condition] ? node.ifClause : node.elseClause, variables)
    case 'Defer':
      return all([node.primary.node, ...node.deferred.map((part) => part.node)])
    case 'Subscription':
      return all([node.primary, node.rest])
    default:
      return all(node.nodes)
  }
}

/** Which subgraphs a plan asks with these variables, which are coerced; each once, by name. */
export function subgraphsIn(plan: QueryPlan | null, variables: Variables): string[] {
  return [...new Set(within(plan?.node, variables))].sort()
}
