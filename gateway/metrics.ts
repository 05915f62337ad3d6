import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** What the gateway counts; every label has a short, fixed list of values or the subgraphs' names. */
export type Metrics = ReturnType<typeof createMetrics>

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** A registry of its own for each gateway, so that two in one process do not share figures. */
export function createMetrics() {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'dbsbm_gateway_request_seconds',
    help: 'Time until an answer began, by kind of operation and outcome.',
    labelNames: ['operation', 'outcome'],
    buckets: SECONDS,
    registers,
  })
  const fetches = new Histogram({
    name: 'dbsbm_gateway_subgraph_fetch_seconds',
    help: 'Time of one fetch from a subgraph, by subgraph and outcome.',
    labelNames: ['subgraph', 'outcome'],
    buckets: SECONDS,
    registers,
  })
  return {
    registry,
    requests,
    fetches,
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
    events: new Counter({
      name: 'dbsbm_gateway_events_total',
      help: 'Events sent to subscribers, by channel.',
      labelNames: ['channel'],
      registers,
    }),
    slowOperations: new Counter({
      name: 'dbsbm_gateway_slow_operations_total',
      help: 'Operations that took longer than GATEWAY_SLOW_OPERATION_MS, written down or not.',
      registers,
    }),
    spans: new Counter({
      name: 'dbsbm_gateway_spans_total',
      help: 'Spans of traces, by what became of them.',
      labelNames: ['outcome'],
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
