import { expect } from 'vitest'
import { wrong } from '../../../prove/books-findings.ts'
import type { StakesOutcome, StakesPlan } from './stakes-suite.ts'

/** Exactly as many as the balance allows, all others refused for that reason alone. */
export function expectNothingOverdrawn({ stakes }: StakesPlan, outcome: StakesOutcome): void {
  const { accepted, balance, left, stake, refusals, findings } = outcome
  expect(accepted * stake).toBeLessThanOrEqual(balance)
  expect(accepted).toBe(Math.floor(balance / stake))
  expect(left).toBe(balance - accepted * stake)
  expect(Object.fromEntries(refusals)).toEqual({ BALANCE_TOO_LOW: stakes - accepted })
  expect(wrong(findings)).toEqual([])
}
