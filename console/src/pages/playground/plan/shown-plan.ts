/** One step of a plan, with its times where it ran. */
export type PlanNode = {
  kind: string
  subgraph: string
  operationKind: string
  operation: string
  isOfEntities: boolean
  path: string
  condition: string
  /** Of an error that it ended with. */
  code: string
  startMs: number | null
  ms: number | null
  nodes: readonly PlanNode[]
}

/** How an operation was answered (`extensions.queryPlan`); without a node no subgraph was needed. */
export type ShownPlan = { node: PlanNode | null; isRemembered: boolean | null }

const DEEPEST = 40

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const textIn = (value: unknown) => (typeof value === 'string' ? value : '')
const numberIn = (value: unknown) => (typeof value === 'number' ? value : null)

function nodeIn(value: unknown, depth = 0): PlanNode | null {
  if (!isRecord(value) || depth > DEEPEST) return null
  const nodes = Array.isArray(value.nodes) ? value.nodes : []
  return {
    kind: textIn(value.kind),
    subgraph: textIn(value.subgraph),
    operationKind: textIn(value.operationKind),
    operation: textIn(value.operation),
    isOfEntities: value.isOfEntities === true,
    path: textIn(value.path),
    condition: textIn(value.condition),
    code: textIn(value.code),
    startMs: numberIn(value.startMs),
    ms: numberIn(value.ms),
    nodes: nodes.flatMap((node: unknown) => nodeIn(node, depth + 1) ?? []),
  }
}

/** The plan in the extensions of an answer; null where none came. */
export function planIn({ queryPlan }: Record<string, unknown>): ShownPlan | null {
  if (!isRecord(queryPlan)) return null
  const { isRemembered } = queryPlan
  return {
    node: nodeIn(queryPlan.node),
    isRemembered: typeof isRemembered === 'boolean' ? isRemembered : null,
  }
}

/** Until the last node ended. */
export function totalOf({ startMs, ms, nodes }: PlanNode): number {
  return Math.max(0.1, (startMs ?? 0) + (ms ?? 0), ...nodes.map(totalOf))
}

const NAMES: Readonly<Record<string, (node: PlanNode) => string>> = {
  Fetch: ({ subgraph, operationKind, isOfEntities }) =>
    `Fetch from ${subgraph}: ${isOfEntities ? 'more of known objects' : operationKind}`,
  Flatten: ({ path }) => `For each ${path}`,
  Sequence: () => 'One after the other',
  Parallel: () => 'At the same time',
  Condition: ({ condition }) => `Only as $${condition} says`,
  Defer: () => 'In parts',
  Subscription: () => 'For each event',
}

/** What a step does, in words. */
export const stepInWords = (node: PlanNode): string => NAMES[node.kind]?.(node) ?? node.kind

/** A time as it is read. */
export const millisecondsText = (ms: number): string =>
  `${ms.toLocaleString('en', { maximumFractionDigits: 1 })} ms`
