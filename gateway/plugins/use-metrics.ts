import type { Plugin } from 'graphql-yoga'
import type { Metrics } from '../metrics.ts'
import type { GatewaySettings } from '../settings.ts'
import { figuresOf } from '../worker.ts'
import { contextOf } from './asking.ts'
import { plainRefusal } from './plain-refusal.ts'
import type { FactsOfRequests, RequestFacts } from './request-facts.ts'

/** Counts requests to the endpoint by kind of operation and outcome, and serves `/metrics` where it may. */
export function useMetrics(
  metrics: Metrics,
  facts: FactsOfRequests,
  { endpoint, metrics: isShown }: Pick<GatewaySettings, 'endpoint' | 'metrics'>,
): Plugin {
  const figures = figuresOf(metrics.registry)
  return {
    async onRequest({ url, request, endResponse, fetchAPI }) {
      if (!isShown || url.pathname !== '/metrics' || request.method !== 'GET') return
      const text = await figures()
      // Those of one worker would be told as if they were those of all.
      const body = text ?? plainRefusal('FIGURES_UNAVAILABLE')
      const type = text === null ? 'application/json' : metrics.registry.contentType
      const status = text === null ? 503 : 200
      endResponse(new fetchAPI.Response(body, { status, headers: { 'content-type': type } }))
    },
    onExecute({ args }) {
      const { asking } = contextOf(args)
      if (!asking.facts) return
      asking.facts.operation = operationOf(args.document, args.operationName)
      asking.facts.isChange = asking.facts.operation === 'mutation'
    },
    onSubscribe({ args }) {
      const { asking } = contextOf(args)
      if (asking.facts) asking.facts.operation = 'subscription'
    },
    onResultProcess({ request, result }) {
      facts.of(request).outcome = outcomeOf(result)
    },
    onResponse({ request, response }) {
      if (new URL(request.url, 'http://localhost').pathname !== endpoint) return
      observeRequest(metrics, facts.of(request), response.status)
    },
  }
}

/** Counts a request with the status of its answer. */
export function observeRequest(metrics: Metrics, facts: RequestFacts, status: number): void {
  const { operation, startedAt } = facts
  const outcome = status >= 400 ? 'refused' : facts.outcome
  metrics.requests.observe({ operation, outcome }, (performance.now() - startedAt) / 1000)
}

type Definitions = {
  definitions: readonly { kind: string; operation?: string; name?: { value: string } }[]
}

function operationOf(
  { definitions }: Definitions,
  name: string | null | undefined,
): RequestFacts['operation'] {
  const operations = definitions.filter(({ kind }) => kind === 'OperationDefinition')
  const chosen = name ? operations.find((node) => node.name?.value === name) : operations[0]
  if (chosen?.operation === 'query' || chosen?.operation === 'mutation') return chosen.operation
  return 'none'
}

/** How an operation ended, by its result. */
export function outcomeOf(result: unknown): RequestFacts['outcome'] {
  const answered = (result ?? {}) as { data?: unknown; errors?: readonly unknown[] }
  if (!answered.errors || answered.errors.length === 0) return 'ok'
  return answered.data ? 'partial' : 'error'
}
