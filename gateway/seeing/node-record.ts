import type { PlanNode } from '@apollo/query-planner'
import type { Tracer } from '@opentelemetry/api'
import { type Context, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { isDomainError } from '#kernel/errors.ts'
import type { NodeObserver } from '../engine/observer.ts'
import { writeTraceparent } from './trace-parent.ts'

/** How one node of a plan was executed. */
export type NodeRecord = NodeObserver & {
  readonly node: PlanNode
  readonly children: readonly NodeRecord[]
  /** By `performance.now()`. */
  readonly startedAt: number
  /** Null while it runs. */
  readonly ms: number | null
  /** Of a failure that has one. */
  readonly code: string | null
}

/** The root of all nodes of one execution; it is no node itself. */
export type PlanRecord = NodeObserver & { readonly children: readonly NodeRecord[] }

/** A tracer and the span under which new ones stand; null where no spans are made. */
export type SpanPlace = { tracer: Tracer; within: Context } | null

const LONGEST_PATH = 200

function attributesOf(node: PlanNode): Record<string, string | number> {
  const kind = { 'dbsbm.plan.node': node.kind }
  if (node.kind === 'Flatten')
    return { ...kind, 'dbsbm.plan.path': node.path.join('.').slice(0, LONGEST_PATH) }
  if (node.kind !== 'Fetch') return kind
  return {
    ...kind,
    'dbsbm.subgraph.name': node.serviceName,
    'graphql.operation.type': node.operationKind,
    'dbsbm.fetch.entities': node.requires ? 1 : 0,
  }
}

function startSpan(place: SpanPlace, node: PlanNode): Span | null {
  if (!place) return null
  const isFetch = node.kind === 'Fetch'
  return place.tracer.startSpan(
    isFetch ? `fetch ${node.serviceName}` : node.kind.toLowerCase(),
    { kind: isFetch ? SpanKind.CLIENT : SpanKind.INTERNAL, attributes: attributesOf(node) },
    place.within,
  )
}

/** Of a failure: its code, never its words, which may quote what was given. */
export const codeOf = (failure: unknown): string =>
  isDomainError(failure) ? failure.code : 'INTERNAL_SERVER_ERROR'

/** A span's status and code by a failure. */
export function markFailed(span: Span, code: string): void {
  span.setStatus({ code: SpanStatusCode.ERROR, message: code })
  span.setAttribute('error.type', code)
}

function beginNode(node: PlanNode, place: SpanPlace): NodeRecord {
  const span = startSpan(place, node)
  const inside = span && place ? { ...place, within: trace.setSpan(place.within, span) } : null
  const { children, within } = rootOf(inside)
  const startedAt = performance.now()
  let ms: number | null = null
  let code: string | null = null
  return {
    ...{ node, children, startedAt, within },
    traceparent: span ? writeTraceparent(span.spanContext()) : undefined,
    get ms() {
      return ms
    },
    get code() {
      return code
    },
    failed(failure) {
      code = codeOf(failure)
      if (span) markFailed(span, code)
    },
    end() {
      ms = performance.now() - startedAt
      span?.end()
    },
  }
}

function rootOf(place: SpanPlace) {
  const children: NodeRecord[] = []
  const within = (node: PlanNode) => {
    const record = beginNode(node, place)
    children.push(record)
    return record
  }
  return { children, within }
}

/** Begins to look at the execution of a plan. */
export function recordPlan(place: SpanPlace): PlanRecord {
  return {
    ...rootOf(place),
    traceparent: undefined,
    failed: () => undefined,
    end: () => undefined,
  }
}
