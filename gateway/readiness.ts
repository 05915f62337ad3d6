import type { WhoIsAsking } from './access/who/who-is-asking.ts'
import type { ReadinessReport } from './plugins/use-health.ts'

/** What the gateway sees of a subgraph; the reason says why it is not ready, or what differs though it is. */
export type SubgraphState = { isReady: boolean; reason: string | null }

/** Whether requests should come here, until a drain says that they should not. */
export type Readiness = { report: () => Promise<ReadinessReport>; drain: () => void }

export type ReadinessDeps = {
  /** Null where there is no platform. */
  feed: WhoIsAsking['feed']
  subgraphs: () => Promise<Readonly<Record<string, SubgraphState>>>
  /** Milliseconds by which the clocks of those whom the gateway asks are ahead, where they are apart. */
  clockOffsets: () => Readonly<Record<string, number>>
  /** What is known before anybody asks it was planned, or had the time for it. */
  isWarm: () => boolean
}

/**
 * Not ready is what another gateway may do better: this one stops, still plans what is known ahead, or has not heard yet whose tokens
 * are good and what was revoked. What all gateways lack alike, such as a subgraph, only degrades: were it a reason to be
 * taken out, one subgraph's restart would take the whole platform away.
 */
export function createReadiness(deps: ReadinessDeps): Readiness {
  const { feed } = deps
  let isDraining = false
  return {
    async report() {
      const states = Object.entries(await deps.subgraphs())
      const isWarm = deps.isWarm()
      const checks = {
        supergraph: true,
        accepting: !isDraining,
        ...(feed ? { revocations: feed.isConnected() } : {}),
        ...(isWarm ? {} : { plans: false }),
        ...Object.fromEntries(states.map(([name, { isReady }]) => [`subgraph ${name}`, isReady])),
      }
      const isReady = !isDraining && isWarm && (feed?.wasConnected() ?? true)
      const isWhole = Object.values(checks).every(Boolean)
      const reasons = states.flatMap(([name, { reason }]) =>
        reason === null ? [] : [[`subgraph ${name}`, reason]],
      )
      return {
        status: isReady ? (isWhole ? 'ready' : 'degraded') : 'not ready',
        checks,
        reasons: Object.fromEntries(reasons),
        clockOffsets: deps.clockOffsets(),
      }
    },
    drain: () => {
      isDraining = true
    },
  }
}
