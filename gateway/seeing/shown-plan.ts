import {
  type PlanNode,
  prettyFormatQueryPlan,
  type QueryPlan,
  type SubscriptionNode,
} from '@apollo/query-planner'
import type { NodeRecord, PlanRecord } from './node-record.ts'

/** One node of a plan for people and tools: what it asks, and how long that took. */
export type ShownNode = {
  kind: PlanNode['kind'] | SubscriptionNode['kind']
  /** Milliseconds since the execution of the plan began; absent where it was not executed or not timed. */
  startMs?: number
  ms?: number
  /** Code of the failure, where it failed as a whole. */
  code?: string
  /** Of a fetch. */
  subgraph?: string
  operationKind?: string
  operation?: string
  /** Whether it fetches more of objects that are known already. */
  isOfEntities?: boolean
  /** Where the objects are that are fetched for. */
  path?: string
  /** Of a condition: the variable that decides. */
  condition?: string
  nodes?: ShownNode[]
}

/** A plan in both forms. */
export type ShownPlan = {
  text: string
  /** Whether it was remembered; null where that is not known. */
  isRemembered: boolean | null
  node: ShownNode | null
}

type Records = ReadonlyMap<PlanNode, NodeRecord>

function collect(records: readonly NodeRecord[], into = new Map<PlanNode, NodeRecord>()) {
  for (const record of records) {
    into.set(record.node, record)
    collect(record.children, into)
  }
  return into
}

const tenths = (ms: number) => Math.round(ms * 10) / 10

/** What a node says of itself, and which stand within it. */
function partsOf(
  node: PlanNode | SubscriptionNode,
): [Partial<ShownNode>, (PlanNode | undefined)[]] {
  switch (node.kind) {
    case 'Fetch':
      return [
        {
          subgraph: node.serviceName,
          operationKind: node.operationKind,
          operation: node.operation,
          isOfEntities: node.requires !== undefined,
        },
        [],
      ]
    case 'Flatten':
      return [{ path: node.path.join('.') }, [node.node]]
    case 'Condition':
      return [{ condition: node.condition }, [node.ifClause, node.elseClause]]
    case 'Defer':
      return [{}, [node.primary.node, ...node.deferred.map((deferred) => deferred.node)]]
    case 'Subscription':
      return [{}, [node.primary, node.rest]]
    default:
      return [{}, node.nodes]
  }
}

function show(node: PlanNode | SubscriptionNode, records: Records, origin: number): ShownNode {
  const record = node.kind === 'Subscription' ? undefined : records.get(node)
  const [parts, within] = partsOf(node)
  const nodes = within.flatMap((child) => (child ? [show(child, records, origin)] : []))
  return {
    kind: node.kind,
    ...parts,
    ...(record && { startMs: tenths(record.startedAt - origin) }),
    ...(record?.ms != null && { ms: tenths(record.ms) }),
    ...(record?.code != null && { code: record.code }),
    ...(nodes.length > 0 && { nodes }),
  }
}

/** A plan, with the times of its nodes where it was executed under observation. */
export function describePlan(
  { query, isKnown }: { query: QueryPlan; isKnown: boolean | null },
  executed: PlanRecord | null,
): ShownPlan {
  const roots = executed?.children ?? []
  const { node } = query
  return {
    text: prettyFormatQueryPlan(query),
    isRemembered: isKnown,
    node: node ? show(node, collect(roots), roots[0]?.startedAt ?? 0) : null,
  }
}
