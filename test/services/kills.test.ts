import { expect, test } from 'vitest'
import { expectWhole, proveSlice } from '../prove/kills-slice.ts'

test('on MariaDB a platform that is killed twice among deposits, bets and results keeps all books', {
  timeout: 240_000,
}, async () => {
  const outcome = await proveSlice('MariaDB')
  expectWhole(outcome)
  expect(outcome.counts.bets).toBeGreaterThan(0)
})
