import { expect } from 'vitest'
import { wrong } from './books-findings.ts'
import type { ClusterOutcome, ClusterRunPlan } from './cluster-run.ts'
import { REQUEST_KINDS, summarise } from './cluster-tally.ts'

/** Of the requests that may safely be asked again, at most so many are not answered. */
const GOAL = 0.0001

/** All that must be so of an outcome, whatever its length. */
export function expectSurvived(plan: ClusterRunPlan, outcome: ClusterOutcome): void {
  const { findings, planted, deeds, counted, suffered, subscribers } = outcome
  expect(wrong(findings)).toEqual([])
  expect(planted.filter(({ found }) => found === 0)).toEqual([])
  expect(deeds.length).toBeGreaterThan(0)
  expect(suffered).toHaveLength(plan.acts.length)
  for (const kind of REQUEST_KINDS) {
    const { requests, unanswered } = summarise(kind, counted)
    expect(requests, kind).toBeGreaterThan(0)
    expect(unanswered / requests, `${kind}, not answered`).toBeLessThanOrEqual(GOAL)
  }
  expect(subscribers.events).toBeGreaterThan(0)
}
