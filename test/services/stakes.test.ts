import { test } from 'vitest'
import { proveStakes } from '../subgraphs/analytics/bets/stakes-suite.ts'
import { expectNothingOverdrawn } from '../subgraphs/analytics/bets/stakes-whole.ts'

test('MariaDB: 300 stakes at once against a balance for 30 are 30 bets, and no minor unit is overdrawn', {
  timeout: 180_000,
}, async () => {
  const plan = { engine: 'MariaDB', stakes: 300, atOnce: 300 } as const
  expectNothingOverdrawn(plan, await proveStakes(plan))
})
