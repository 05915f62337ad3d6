/** Bounds on planning, which is done in a process of its own (docs/adr/0030 and 0038). */
export type PlanningSettings = {
  /** What takes longer is refused, and the process replaced. */
  deadlineMs: number
  /** How long it may take to read a supergraph. */
  loadMs: number
  heapMb: number
  /** Operations that wait at once for their plan; further ones are refused. */
  mostWaiting: number
  /** Characters of one plan. */
  planCharacters: number
  /** How long an operation that took too much is refused without another try. */
  refusedMs: number
  /** Labels of progressive overrides that are on: their fields are asked of the new subgraph. */
  overrideLabels: readonly string[]
  /** Operations that are planned ahead for a new version of the supergraph, the most asked first. */
  warmOperations: number
  /** How long planning ahead keeps a new version, or being ready, waiting; 0: nothing is planned ahead. */
  warmMs: number
}

/** The bounds on planning that nobody configured. */
export const defaultPlanning: PlanningSettings = {
  deadlineMs: 2_000,
  loadMs: 120_000,
  heapMb: 512,
  mostWaiting: 500,
  planCharacters: 2_000_000,
  refusedMs: 60_000,
  overrideLabels: [],
  warmOperations: 200,
  warmMs: 10_000,
}
