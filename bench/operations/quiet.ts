import type { BenchCluster } from '../bench-cluster.ts'

const SETTLES_MS = 3_000
const REST_MS = 2_000
const LOOK_MS = 200
const LONGEST_MS = 2_000
/** Of one core, beyond what the cluster uses at rest. */
const SPARE_SHARE = 0.15

const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds))

/** Learns what a cluster uses at rest; the answer waits until it does little more, or long enough. */
export async function learnQuiet({
  services,
  gateways,
}: Pick<BenchCluster, 'services' | 'gateways'>): Promise<() => Promise<void>> {
  const meters = [services, ...gateways.map(({ cpu }) => cpu)]
  const used = () => meters.reduce((sum, cpu) => sum + (cpu() ?? 0), 0)
  await pause(SETTLES_MS)
  const before = used()
  await pause(REST_MS)
  const atRest = (used() - before) / REST_MS
  return async () => {
    const end = performance.now() + LONGEST_MS
    for (let last = used(); performance.now() < end; ) {
      await pause(LOOK_MS)
      const now = used()
      if (now - last < LOOK_MS * (atRest + SPARE_SHARE)) return
      last = now
    }
  }
}
