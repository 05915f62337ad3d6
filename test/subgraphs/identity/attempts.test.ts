import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createManualClock, type ManualClock } from '#kernel/clock.ts'
import { createOwnCounters } from '#kernel/counters/counters.ts'
import {
  createSignInAttempts,
  NETWORK_FAILURES,
  PAIR_TRIES,
  STRANGER_TRIES,
} from '#subgraphs/identity/services/sign-in-attempts.ts'

const START = new Date('2026-08-15T12:00:00.000Z')
/** What is counted here is invented and stays here: subjects need no hash. */
const lookup = { of: (_purpose: string, subject: string) => subject }
const attemptsAt = (clock: ManualClock) =>
  createSignInAttempts({ counters: createOwnCounters(clock), lookup })
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
  test('of strangers never take a try from a network that the account knows', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, async (steps) => {
        const clock = createManualClock(START)
        const attempts = attemptsAt(clock)
        for (const step of steps) {
          for (let times = 0; times < step.times; times++) await attempts.take(step.guess)
          clock.advance(step.waitSeconds * 1000)
        }
        for (let tries = 0; tries < PAIR_TRIES.most; tries++) {
          expect(await attempts.take(OWNER)).toBe(true)
        }
        expect(await attempts.take(OWNER)).toBe(false)
      }),
      { numRuns: 40 },
    )
  })

  test('that are taken stay within twice each bound in any window, whatever the schedule', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, async (steps) => {
        const clock = createManualClock(START)
        const attempts = attemptsAt(clock)
        const taken: { at: number; account: string; network: string }[] = []
        for (const step of steps) {
          for (let times = 0; times < step.times; times++) {
            const at = clock.now().getTime()
            if (await attempts.take(step.guess)) taken.push({ at, ...step.guess })
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

  test('of strangers together are bounded although each network has tries left', async () => {
    const attempts = attemptsAt(createManualClock(START))
    const takes = await Promise.all(
      Array.from({ length: 300 }, (_, index) =>
        attempts.take({ account: 'owner', network: `net ${index}`, isKnownNetwork: false }),
      ),
    )
    expect(takes.filter(Boolean)).toHaveLength(STRANGER_TRIES.most)
    expect(await attempts.take(OWNER)).toBe(true)
  })

  test('that were right give back what they took from strangers, and no more', async () => {
    const attempts = attemptsAt(createManualClock(START))
    for (let round = 0; round < 3 * STRANGER_TRIES.most; round++) {
      const right = { account: 'owner', network: `net ${round}`, isKnownNetwork: false }
      expect(await attempts.take(right)).toBe(true)
      await attempts.succeed(right)
    }
  })
})

describe('a network', () => {
  test('is full after its failures, over whatever accounts, for as long as the window', async () => {
    const clock = createManualClock(START)
    const attempts = attemptsAt(clock)
    for (let failures = 0; failures < NETWORK_FAILURES.most; failures++) {
      expect(await attempts.isNetworkFull('a')).toBe(false)
      clock.advance(1_000)
      expect(await attempts.fail('a')).toBe(true)
    }
    expect([await attempts.isNetworkFull('a'), await attempts.isNetworkFull('b')]).toEqual([
      true,
      false,
    ])
    expect(await attempts.fail('a')).toBe(false)
    const tellings = ['a', 'a', 'b'].map(attempts.mayTell)
    expect(await Promise.all(tellings)).toEqual([true, false, true])
    clock.advance(NETWORK_FAILURES.windowMilliseconds - 1)
    expect(await attempts.isNetworkFull('a')).toBe(true)
    clock.advance(2)
    expect(await attempts.isNetworkFull('a')).toBe(false)
  })
})
