import { test } from 'vitest'
import { proveStakes } from './stakes-suite.ts'
import { expectNothingOverdrawn } from './stakes-whole.ts'

test('300 stakes at once against a balance for 30 are 30 bets, and no minor unit is overdrawn', {
  timeout: 180_000,
}, async () => {
  const plan = { engine: 'SQLite', stakes: 300, atOnce: 300 } as const
  expectNothingOverdrawn(plan, await proveStakes(plan))
})
