import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createManualClock } from '#kernel/clock.ts'
import {
  createSignInAttempts,
  NETWORK_FAILURES,
  PAIR_TRIES,
  STRANGER_TRIES,
} from '#subgraphs/identity/services/sign-in-attempts.ts'

const START = new Date('2026-08-15T12:00:00.000Z')
const OWNER = { account: 'owner', network: 'home', isKnownNetwork: true }

const guess = fc.record({
  account: fc.constantFrom('owner', 'other'),
  network: fc.constantFrom('a', 'b', 'c'),
  isKnownNetwork: fc.constant(false),
})
/** Strangers' tries, some of them many at once, with time passing between. */
const schedule = fc.array(fc.record({ guess, times: fc.nat(60), waitSeconds: fc.nat(1_200) }), {
  maxLength: 60,
})

describe('guesses', () => {
  test('of strangers never take a try from a network that the account knows', () => {
    fc.assert(
      fc.property(schedule, (steps) => {
        const clock = createManualClock(START)
        const attempts = createSignInAttempts({ clock })
        for (const step of steps) {
          for (let times = 0; times < step.times; times++) attempts.take(step.guess)
          clock.advance(step.waitSeconds * 1000)
        }
        for (let tries = 0; tries < PAIR_TRIES.most; tries++) {
          expect(attempts.take(OWNER)).toBe(true)
        }
        expect(attempts.take(OWNER)).toBe(false)
      }),
    )
  })

  test('that are taken stay within twice each bound in any window, whatever the schedule', () => {
    fc.assert(
      fc.property(schedule, (steps) => {
        const clock = createManualClock(START)
        const attempts = createSignInAttempts({ clock })
        const taken: { at: number; account: string; network: string }[] = []
        for (const step of steps) {
          for (let times = 0; times < step.times; times++) {
            const at = clock.now().getTime()
            if (attempts.take(step.guess)) taken.push({ at, ...step.guess })
          }
          clock.advance(step.waitSeconds * 1000)
        }
        const within = (end: number, windowMs: number, account: string, network?: string) =>
          taken.filter(
            (one) =>
              one.account === account &&
              (network === undefined || one.network === network) &&
              one.at <= end &&
              one.at > end - windowMs,
          ).length
        for (const { at, account, network } of taken) {
          const byPair = within(at, PAIR_TRIES.windowMilliseconds, account, network)
          expect(byPair).toBeLessThan(2 * PAIR_TRIES.most)
          const byAll = within(at, STRANGER_TRIES.windowMilliseconds, account)
          expect(byAll).toBeLessThan(2 * STRANGER_TRIES.most)
        }
      }),
      { numRuns: 40 },
    )
  })

  test('of strangers together are bounded although each network has tries left', () => {
    const attempts = createSignInAttempts({ clock: createManualClock(START) })
    const takes = Array.from({ length: 300 }, (_, index) =>
      attempts.take({ account: 'owner', network: `net ${index}`, isKnownNetwork: false }),
    )
    expect(takes.filter(Boolean)).toHaveLength(STRANGER_TRIES.most)
    expect(attempts.take(OWNER)).toBe(true)
  })

  test('that were right give back what they took from strangers, and no more', () => {
    const attempts = createSignInAttempts({ clock: createManualClock(START) })
    for (let round = 0; round < 3 * STRANGER_TRIES.most; round++) {
      const right = { account: 'owner', network: `net ${round}`, isKnownNetwork: false }
      expect(attempts.take(right)).toBe(true)
      attempts.succeed(right)
    }
  })
})

describe('a network', () => {
  test('is full after its failures, over whatever accounts, for as long as the window', () => {
    const clock = createManualClock(START)
    const attempts = createSignInAttempts({ clock })
    for (let failures = 0; failures < NETWORK_FAILURES.most; failures++) {
      expect(attempts.isNetworkFull('a')).toBe(false)
      clock.advance(1_000)
      expect(attempts.fail('a')).toBe(true)
    }
    expect([attempts.isNetworkFull('a'), attempts.isNetworkFull('b')]).toEqual([true, false])
    expect(attempts.fail('a')).toBe(false)
    expect([attempts.mayTell('a'), attempts.mayTell('a'), attempts.mayTell('b')]).toEqual([
      true,
      false,
      true,
    ])
    clock.advance(NETWORK_FAILURES.windowMilliseconds - 1)
    expect(attempts.isNetworkFull('a')).toBe(true)
    clock.advance(2)
    expect(attempts.isNetworkFull('a')).toBe(false)
  })
})
