import { Counter, Gauge, type Registry } from 'prom-client'
import type { LoadedSupergraph } from '../supergraph.ts'

/** What a memory says of itself; it begins anew with each supergraph. */
export type MemoryFigures = { hits: number; misses: number; readonly size: number }

/** Figures of a memory that nobody has asked yet. */
export const figuresOf = (memory: { readonly size: number }): MemoryFigures => ({
  ...{ hits: 0, misses: 0 },
  get size() {
    return memory.size
  },
})

const memoriesOf = ({ plans, authorise }: LoadedSupergraph): Record<string, MemoryFigures> => ({
  plans: plans.figures,
  filtered: authorise.figures,
})

/** Figures of what a supergraph remembers, read when they are asked for. */
export function watchMemories(registry: Registry, current: () => LoadedSupergraph): void {
  const registers = [registry]
  new Counter({
    name: 'dbsbm_gateway_memory_lookups_total',
    help: 'Lookups of plans and of operations filtered by rights, by memory and result; from 0 with each supergraph.',
    labelNames: ['memory', 'result'],
    registers,
    collect() {
      this.reset()
      for (const [memory, { hits, misses }] of Object.entries(memoriesOf(current()))) {
        this.inc({ memory, result: 'hit' }, hits)
        this.inc({ memory, result: 'miss' }, misses)
      }
    },
  })
  new Gauge({
    name: 'dbsbm_gateway_memory_entries',
    help: 'Entries that are remembered, by memory.',
    labelNames: ['memory'],
    registers,
    collect() {
      for (const [memory, { size }] of Object.entries(memoriesOf(current())))
        this.set({ memory }, size)
    },
  })
}
