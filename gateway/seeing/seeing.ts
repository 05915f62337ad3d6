import type { IncomingMessage } from 'node:http'
import { ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { ExecutionResult } from 'graphql'
import type { Asking } from '../plugins/asking.ts'
import type { RequestFacts } from '../plugins/request-facts.ts'
import type { GatewaySettings } from '../settings.ts'
import type { OperationNames } from './operation-names.ts'
import { type OperationRecord, recordOperation } from './operation-record.ts'
import type { SlowOperations } from './slow-operations.ts'
import { parseTraceparent } from './trace-parent.ts'
import type { Tracing } from './tracing.ts'

/** What is seen of requests and operations, for whoever runs the gateway. */
export type Seeing = {
  /** Words for operations in figures. */
  names: OperationNames
  beginRequest: (facts: RequestFacts, request: IncomingMessage | undefined) => void
  /** Undefined where nobody wants to see it. */
  beginOperation: (beginning: Beginning) => OperationRecord | undefined
  endOperation: (record: OperationRecord, ending: Ending) => void
  /** The request was answered with a status. */
  answered: (facts: RequestFacts, status: number) => void
  close: () => Promise<void>
}

/** What is known of an operation before it is read; without facts it came over a WebSocket. */
export type Beginning = {
  facts: RequestFacts | null
  extensions: Readonly<Record<string, unknown>> | null | undefined
}

/** How an operation ended; null where a stream began. */
export type Ending = {
  asking: Asking
  variables: Readonly<Record<string, unknown>>
  result: ExecutionResult | null
}

export type SeeingDeps = {
  names: OperationNames
  tracing: Tracing | null
  slow: SlowOperations | null
  settings: Pick<GatewaySettings, 'endpoint'>
  /** Whether the next hop is one of the operator's own proxies. */
  isTrusted: (request: IncomingMessage) => boolean
}

/** Traces, plans with times and the log of slow operations, all from one look at an operation. */
export function createSeeing({ names, tracing, slow, settings, isTrusted }: SeeingDeps): Seeing {
  const tracer = tracing?.tracer ?? null

  const startRequest = (request: IncomingMessage | undefined): Span | null => {
    if (!tracer) return null
    const told = parseTraceparent(request?.headers.traceparent)
    const isParent = told !== null && request !== undefined && isTrusted(request)
    const parent = isParent ? trace.setSpanContext(ROOT_CONTEXT, told) : ROOT_CONTEXT
    const method = request?.method ?? 'POST'
    return tracer.startSpan(
      `${method} ${settings.endpoint}`,
      {
        kind: SpanKind.SERVER,
        attributes: { 'http.request.method': method, 'url.path': settings.endpoint },
        links: told && !isParent ? [{ context: told }] : [],
      },
      parent,
    )
  }
  const contextOfMessage = (extensions: Beginning['extensions']) => {
    const told = parseTraceparent(extensions?.traceparent)
    return told ? [{ context: told }] : []
  }
  return {
    names,
    beginRequest(facts, request) {
      facts.span = startRequest(request)
    },
    beginOperation({ facts, extensions }) {
      const isPlanShown = facts?.wantsQueryPlan === true
      const looksAtNodes = slow !== null || isPlanShown
      if (!tracer && !looksAtNodes) return undefined
      const span = facts?.span ?? null
      return recordOperation({
        ...{ tracer, looksAtNodes, isPlanShown },
        within: span ? trace.setSpan(ROOT_CONTEXT, span) : ROOT_CONTEXT,
        links: facts ? [] : contextOfMessage(extensions),
      })
    },
    endOperation(record, ending) {
      record.end(ending.result)
      slow?.look(record, ending)
    },
    answered({ span, requestId, outcome }, status) {
      if (!span) return
      span.setAttribute('http.response.status_code', status)
      span.setAttribute('dbsbm.request_id', requestId)
      span.setAttribute('dbsbm.outcome', outcome)
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
      span.end()
    },
    close: async () => {
      slow?.close()
      await tracing?.close()
    },
  }
}
