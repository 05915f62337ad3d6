import { expect, test } from 'vitest'
import { type Sweep, sweep, toldDifferences } from '../gateway/engine/differential/sweep.ts'
import { federations } from '../gateway/engine/federations/all.ts'
import { platform } from '../gateway/engine/federations/platform.ts'
import { differentialPage, totalsOf } from './differential-page.ts'
import { writePage } from './proof-page.ts'

const SEED = 'proof'
const CASES = 2_600
/** Operations of these take long to plan. */
const CASES_WHERE_DEAR = 400
const DEAR = ['library', 'warehouse', 'press', 'atlas']
const FEWEST = 20_000
const TOLD_EACH = 200
const LONGEST_MS = 4 * 3_600_000

const cpuSeconds = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

test(
  'twenty thousand random operations are answered as graphql-js and Apollo’s executor answer them',
  async () => {
    const began = cpuSeconds()
    const sweeps: Sweep[] = []
    for (const federation of [...federations, platform]) {
      const cases = DEAR.includes(federation.name) ? CASES_WHERE_DEAR : CASES
      const told = (done: number) => {
        if (done % TOLD_EACH === 0)
          process.stdout.write(`${federation.name}: ${done} of ${cases} operations\n`)
      }
      const swept = await sweep(federation, { seed: SEED, cases, faultsEach: 1, told })
      sweeps.push(swept)
      if (swept.differences.length > 0) process.stdout.write(`${toldDifferences(swept)}\n`)
    }
    expect(sweeps.map(toldDifferences).join('')).toBe('')
    const { operations, withFaults } = totalsOf(sweeps)
    expect(operations).toBeGreaterThanOrEqual(FEWEST)
    expect(withFaults).toBeGreaterThanOrEqual(FEWEST)
    await writePage(differentialPage(sweeps, cpuSeconds() - began))
  },
  LONGEST_MS,
)
