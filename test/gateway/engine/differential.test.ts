import { expect, test } from 'vitest'
import { sweep, toldDifferences } from './differential/sweep.ts'
import { federations } from './federations/all.ts'
import { platform } from './federations/platform.ts'

/** A slice of `npm run prove -- differential`. */
const PLAN = { seed: 'slice', cases: 30, faultsEach: 2 }

test.each([...federations, platform])(
  'random operations are answered as graphql-js and Apollo answer them: $name',
  async (federation) => {
    const swept = await sweep(federation, PLAN)
    const { clean, faulty } = swept
    expect(toldDifferences(swept)).toBe('')
    expect(clean.get('equal to graphql-js')).toBeGreaterThan(PLAN.cases / 2)
    expect(clean.get('invalid') ?? 0).toBeLessThan(PLAN.cases / 6)
    expect(faulty.get('conforming')).toBeGreaterThan(PLAN.cases / 2)
    if (federation.isForApollo) {
      expect(clean.get('equal to Apollo')).toBeGreaterThan(PLAN.cases / 4)
      expect(faulty.get('equal to Apollo')).toBeGreaterThan(PLAN.cases / 4)
    }
  },
)
