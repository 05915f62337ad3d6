import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { createDemandMetrics } from './demand/demand-metrics.ts'
import { errorWordOf } from './seeing/error-words.ts'

/** What the gateway counts; every label has a short, fixed list of values or the subgraphs' names. */
export type Metrics = ReturnType<typeof createMetrics>

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Fewer, as each stands once for each name. */
const FEW_SECONDS = [0.005, 0.025, 0.1, 0.25, 1, 5]

/** A registry of its own for each gateway, so that two in one process do not share figures. */
export function createMetrics() {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  return {
    registry,
    ...requestFigures(registers),
    ...operationFigures(registers),
    ...liveFigures(registers),
    demand: createDemandMetrics(registers),
    spans: new Counter({
      name: 'dbsbm_gateway_spans_total',
      help: 'Spans of traces, by what became of them.',
      labelNames: ['outcome'],
      registers,
    }),
  }
}

function requestFigures(registers: Registry[]) {
  const errors = new Counter({
    name: 'dbsbm_gateway_errors_total',
    help: 'Errors in answers, by code of the gateway’s catalogue; those of subgraphs are one.',
    labelNames: ['code'],
    registers,
  })
  return {
    requests: new Histogram({
      name: 'dbsbm_gateway_request_seconds',
      help: 'Time until an answer began, by kind of operation and outcome.',
      labelNames: ['operation', 'outcome'],
      buckets: SECONDS,
      registers,
    }),
    fetches: new Histogram({
      name: 'dbsbm_gateway_subgraph_fetch_seconds',
      help: 'Time of one fetch from a subgraph, by subgraph and outcome.',
      labelNames: ['subgraph', 'outcome'],
      buckets: SECONDS,
      registers,
    }),
    errors,
    countError: (code: unknown) => errors.inc({ code: errorWordOf(code) }),
  }
}

function operationFigures(registers: Registry[]) {
  return {
    operations: new Counter({
      name: 'dbsbm_gateway_operations_total',
      help: 'Valid operations, by name (a bounded list), class of asker and outcome.',
      labelNames: ['name', 'reach', 'outcome'],
      registers,
    }),
    operationSeconds: new Histogram({
      name: 'dbsbm_gateway_operation_seconds',
      help: 'Time to execute a query or mutation, by name (a bounded list).',
      labelNames: ['name'],
      buckets: FEW_SECONDS,
      registers,
    }),
    watchWaiting: (count: () => number) =>
      new Gauge({
        name: 'dbsbm_gateway_waiting_operations',
        help: 'Operations that have not begun, because the process is busy with those that have.',
        registers,
        collect() {
          this.set(count())
        },
      }),
    slowOperations: new Counter({
      name: 'dbsbm_gateway_slow_operations_total',
      help: 'Operations that took longer than GATEWAY_SLOW_OPERATION_MS, written down or not.',
      registers,
    }),
  }
}

function liveFigures(registers: Registry[]) {
  return {
    connections: new Gauge({
      name: 'dbsbm_gateway_live_connections',
      help: 'Open live connections, by channel.',
      labelNames: ['channel'],
      registers,
    }),
    subscriptions: new Gauge({
      name: 'dbsbm_gateway_subscriptions',
      help: 'Running subscriptions, by channel.',
      labelNames: ['channel'],
      registers,
    }),
    /** Set by whoever shares subscriptions. */
    subscriptionGroups: new Gauge({
      name: 'dbsbm_gateway_subscription_groups',
      help: 'Upstreams that are each read for all subscribers of one question and right.',
      registers,
    }),
    events: new Counter({
      name: 'dbsbm_gateway_events_total',
      help: 'Events sent to subscribers, by channel.',
      labelNames: ['channel'],
      registers,
    }),
    endedStreams: new Counter({
      name: 'dbsbm_gateway_ended_streams_total',
      help: 'Live streams that the gateway ended, by reason.',
      labelNames: ['reason'],
      registers,
    }),
  }
}
