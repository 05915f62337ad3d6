import {
  type Attributes,
  type Context,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import type { ExecutionResult } from 'graphql'
import type { FilteredOperation } from '../access/filter-operation.ts'
import type { Stage } from '../engine/observer.ts'
import type { EventObserver } from '../engine/subscribe.ts'
import { documentHashOf } from './document-hash.ts'
import { markFailed, recordPlan, type SpanPlace } from './node-record.ts'
import { writeTraceparent } from './trace-parent.ts'

/** Where the spans of an operation stand. */
export type Descent = {
  /** The span of its request; the root where no request carried it. */
  within: Context
  /** What it is told to belong to by somebody whose word is not taken. */
  links: Link[]
}

/** The time that an operation spent in one stage, by `performance.now()`. */
export type StageTime = { stage: Stage; from: number; to: number }

/** The spans of one operation. */
export type OperationSpans = ReturnType<typeof openSpans>

const UNREAD = 'GraphQL Operation'
const LONGEST_NAME = 64
const CODE = /^[A-Z][A-Z0-9_]{0,63}$/

const epochMs = (instant: number) => performance.timeOrigin + instant

/** Begins the span of an operation. Those of its stages follow at its end: what is refused leaves none. */
export function openSpans(tracer: Tracer, { within, links }: Descent) {
  const kind = trace.getSpan(within) ? SpanKind.INTERNAL : SpanKind.SERVER
  const operation = tracer.startSpan(UNREAD, { kind, links }, within)
  const inside = trace.setSpan(within, operation)
  let execution: Span | null = null
  return {
    isRecording: operation.isRecording(),
    traceparent: writeTraceparent(operation.spanContext()),
    /** Under the span of the execution, which is there before its nodes are. */
    place(): SpanPlace {
      execution ??= tracer.startSpan('execute', {}, inside)
      return { tracer, within: trace.setSpan(inside, execution) }
    },
    describe: (known: FilteredOperation) => describe(operation, known),
    tell: (attributes: Attributes) => operation.setAttributes(attributes),
    end(result: ExecutionResult | null, stages: readonly StageTime[]) {
      for (const { stage, from, to } of stages) {
        const live = stage === 'execute' ? execution : null
        const span = live ?? tracer.startSpan(stage, { startTime: epochMs(from) }, inside)
        span.end(epochMs(to))
      }
      tellOutcome(operation, result)
      operation.end()
    },
    seeEvent: (known: FilteredOperation | null) => seeEvent(tracer, operation, known),
  }
}

/** Names as OpenTelemetry's semantic conventions for GraphQL have them; the document is not told. */
function describe(span: Span, known: FilteredOperation): void {
  const { operation } = known.operation
  span.updateName(operation)
  span.setAttribute('graphql.operation.type', operation)
  if (known.operationName !== null)
    span.setAttribute('graphql.operation.name', known.operationName.slice(0, LONGEST_NAME))
  span.setAttribute('dbsbm.document.hash', documentHashOf(known))
}

/** By the code of the first error: words may quote what was given. */
function tellOutcome(span: Span, result: ExecutionResult | null): void {
  const errors = result?.errors ?? []
  if (errors.length === 0) return
  const code = errors[0]?.extensions?.code
  span.setAttribute('dbsbm.errors', errors.length)
  markFailed(span, typeof code === 'string' && CODE.test(code) ? code : 'UNCODED')
}

/** An event is a trace of its own, linked with the subscription's, which may last for days. */
function seeEvent(
  tracer: Tracer,
  subscription: Span,
  known: FilteredOperation | null,
): EventObserver | undefined {
  const links = [{ context: subscription.spanContext() }]
  const span = tracer.startSpan('event', { kind: SpanKind.INTERNAL, links, root: true })
  if (!span.isRecording()) return undefined
  if (known) describe(span, known)
  span.updateName('event')
  return {
    nodes: recordPlan({ tracer, within: trace.setSpan(ROOT_CONTEXT, span) }),
    end(result) {
      tellOutcome(span, result)
      span.end()
    },
  }
}
