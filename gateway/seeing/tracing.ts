import type { Link, SpanContext, Tracer } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { Resource } from '@opentelemetry/resources'
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type IdGenerator,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base'
import type { Randomness } from '#kernel/ids.ts'
import type { Logger } from '#kernel/log.ts'
import { type TimeLimit, withinTimeLimit } from '#kernel/time-limit.ts'
import type { TracingSettings } from '../settings.ts'
import { type SpanFigures, watchedExporter } from './watched-exporter.ts'

/** Makes spans and sends them to a collector, bounded in everything. */
export type Tracing = {
  tracer: Tracer
  /** Sends what waits, within its time. */
  close: () => Promise<void>
}

/** From where a span descends, and what it is merely told of. */
export type Descent = { parent: SpanContext | null; links: Link[] }

const SCOPE = 'dbsbm-gateway'
const PATH = '/v1/traces'
/** Batches go one after the other; at the end one more may be on its way. */
const MOST_AT_ONCE = 4

function idsOf({ bytes }: Randomness): IdGenerator {
  return {
    generateTraceId: () => bytes(16).toString('hex'),
    generateSpanId: () => bytes(8).toString('hex'),
  }
}

type Deps = { randomness: Randomness; log: Logger; figures: SpanFigures }

/**
 * Opens the way of spans to a collector (OTLP over HTTP, JSON). Nothing is registered for the process:
 * whoever makes spans is given the tracer. Loaded only where tracing is on.
 */
export function openTracing(settings: TracingSettings & { endpoint: string }, deps: Deps): Tracing {
  const { endpoint, headers, serviceName, ratio, timeoutMs } = settings
  const exporter = new OTLPTraceExporter({
    url: `${endpoint}${PATH}`,
    headers: { ...headers },
    timeoutMillis: timeoutMs,
    concurrencyLimit: MOST_AT_ONCE,
  })
  const processor = new BatchSpanProcessor(watchedExporter(exporter, deps), {
    maxQueueSize: settings.queuedSpans,
    maxExportBatchSize: Math.min(settings.batchSpans, settings.queuedSpans),
    scheduledDelayMillis: settings.delayMs,
    exportTimeoutMillis: timeoutMs,
  })
  const provider = new BasicTracerProvider({
    resource: new Resource({ 'service.name': serviceName, 'service.namespace': 'dbsbm' }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    idGenerator: idsOf(deps.randomness),
    spanProcessors: [processor],
  })
  const limit: TimeLimit = { timeoutMs, onTimeout: () => new Error('The collector is slow.') }
  return {
    tracer: provider.getTracer(SCOPE),
    close: () =>
      withinTimeLimit(limit, () => provider.shutdown()).catch((err: unknown) =>
        deps.log.warn({ err }, 'the last spans were not sent'),
      ),
  }
}
