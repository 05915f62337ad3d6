import type { ReadinessReport } from './plugins/use-health.ts'

/** Whether requests should come here, until a drain says that they should not. */
export type Readiness = { report: () => Promise<ReadinessReport>; drain: () => void }

export type ReadinessDeps = {
  /** Null where there is no feed of revocations. */
  revocationsConnected: (() => boolean) | null
  subgraphsReady: () => Promise<Readonly<Record<string, boolean>>>
}

/** The supergraph is loaded before a gateway exists, so it needs no question of its own. */
export function createReadiness(deps: ReadinessDeps): Readiness {
  let isDraining = false
  return {
    async report() {
      const subgraphs = Object.entries(await deps.subgraphsReady()).map(
        ([name, isReady]) => [`subgraph ${name}`, isReady] as const,
      )
      const checks = {
        supergraph: true,
        accepting: !isDraining,
        ...(deps.revocationsConnected ? { revocations: deps.revocationsConnected() } : {}),
        ...Object.fromEntries(subgraphs),
      }
      return { isReady: Object.values(checks).every(Boolean), checks }
    },
    drain: () => {
      isDraining = true
    },
  }
}
