import type { SubgraphFetch } from '../service/subgraph-fetch.ts'

export type InFlight = {
  fetch: SubgraphFetch
  /** Resolves true when the last running request has its answer, false when the time is over. */
  settled: (withinMs: number) => Promise<boolean>
}

/** Counts running requests, so that a drain can wait for them. */
export function countInFlight(fetch: SubgraphFetch): InFlight {
  let running = 0
  let wake: (() => void) | null = null
  const leave = () => {
    running--
    if (running === 0) wake?.()
  }
  return {
    fetch: async (request) => {
      running++
      try {
        return await fetch(request)
      } finally {
        leave()
      }
    },
    settled: (withinMs) => {
      if (running === 0) return Promise.resolve(true)
      return new Promise((resolve) => {
        const timer = setTimeout(() => resolve(false), withinMs)
        wake = () => {
          clearTimeout(timer)
          resolve(true)
        }
      })
    },
  }
}
