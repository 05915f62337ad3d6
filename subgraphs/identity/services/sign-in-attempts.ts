import type { CounterBounds } from '#kernel/counters/counter.ts'
import { type AttemptsDeps, createAttempts } from './attempts.ts'

/** For one account from one network, known or not. */
export const PAIR_TRIES: CounterBounds = { most: 10, windowMilliseconds: 15 * 60_000 }
/** For one account from all networks together that it never signed in from. */
export const STRANGER_TRIES: CounterBounds = { most: 100, windowMilliseconds: 60 * 60_000 }
/** Failures of one network over all accounts. */
export const NETWORK_FAILURES: CounterBounds = { most: 50, windowMilliseconds: 15 * 60_000 }

/** One try to sign in. */
export type SignInTry = {
  /** Keyed hash of the address, whether it has an account or not. */
  account: string
  network: string
  /** Whether the account signed in from there before: then strangers elsewhere do not count. */
  isKnownNetwork: boolean
}

export type SignInAttempts = ReturnType<typeof createSignInAttempts>

const pairOf = ({ account, network }: SignInTry) => `${account} ${network}`

/**
 * How often somebody may guess: each account from each network, each account from all strangers
 * together, and each network over all accounts. Strangers never use up what a known network has.
 */
export function createSignInAttempts(deps: AttemptsDeps) {
  const pairs = createAttempts(deps, 'pair', PAIR_TRIES)
  const strangers = createAttempts(deps, 'stranger', STRANGER_TRIES)
  const networks = createAttempts(deps, 'network', NETWORK_FAILURES)
  const tellings = createAttempts(deps, 'telling', { ...NETWORK_FAILURES, most: 1 })
  return {
    /** Whether a network has failed too often to be heard at all. */
    isNetworkFull: networks.isFull,
    /** Counts one failure of a network. */
    fail: networks.take,
    /** Whether nothing was told yet of a network that is full: telling must not become the attack. */
    mayTell: tellings.take,

    /** Counts one guess before its outcome is known, so that parallel guesses count too. */
    take: async (guess: SignInTry): Promise<boolean> => {
      if (!(await pairs.take(pairOf(guess)))) return false
      if (guess.isKnownNetwork || (await strangers.take(guess.account))) return true
      await pairs.giveBack(pairOf(guess))
      return false
    },
    /** No guess was made after all. */
    giveBack: async (guess: SignInTry): Promise<void> => {
      await pairs.giveBack(pairOf(guess))
      if (!guess.isKnownNetwork) await strangers.giveBack(guess.account)
    },
    /** The guess was right: it forgets the wrong ones from there, not those of others. */
    succeed: async (guess: SignInTry): Promise<void> => {
      await pairs.clear(pairOf(guess))
      if (!guess.isKnownNetwork) await strangers.giveBack(guess.account)
    },
  }
}
