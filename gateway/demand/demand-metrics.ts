import { Counter, Histogram, type Registry } from 'prom-client'

/** What demand control counts; classes of askers, codes and modes are fixed lists. */
export type DemandMetrics = ReturnType<typeof createDemandMetrics>

const POINTS = [1, 5, 10, 50, 100, 500, 1_000, 5_000, 10_000, 50_000, 100_000, 500_000]

/** Figures of demand control in a registry. */
export function createDemandMetrics(registers: Registry[]) {
  return {
    estimated: new Histogram({
      name: 'dbsbm_gateway_cost_estimated_points',
      help: 'What operations were estimated to cost, by class of asker.',
      labelNames: ['class'],
      buckets: POINTS,
      registers,
    }),
    actual: new Histogram({
      name: 'dbsbm_gateway_cost_actual_points',
      help: 'What operations cost by what subgraphs answered, by class of asker.',
      labelNames: ['class'],
      buckets: POINTS,
      registers,
    }),
    refusals: new Counter({
      name: 'dbsbm_gateway_demand_refusals_total',
      help: 'Operations and parts of them that demand control refused, or would have in the mode measure.',
      labelNames: ['code', 'mode'],
      registers,
    }),
  }
}
