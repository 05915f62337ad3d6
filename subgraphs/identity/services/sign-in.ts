import { networkOf } from '#kernel/auth/networks.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { updateWhere } from '#kernel/db/conditional-writes.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { User } from '../entities/user.ts'
import { UserSettings } from '../entities/user-settings.ts'
import { identityError } from '../errors.ts'
import type { Core } from './core.ts'
import { findPlace, PLATFORM, type Place } from './places.ts'
import { createSessionStart } from './session-start.ts'
import { type SignInTry, STRANGER_TRIES } from './sign-in-attempts.ts'
import { type SignedIn, toSignedIn } from './signed-in.ts'

/** What a person shows to get in, and where he wants to act. */
export type Credentials = { email: string; password: string } & Place

type RefusalCode = 'SIGN_IN_REFUSED' | 'SIGN_IN_TOO_MANY' | 'ACCOUNT_LOCKED' | 'ACCOUNT_SUSPENDED'
type Reason = 'network' | 'locked' | 'unknown' | 'password' | 'suspended'
type Refusal = { code: RefusalCode; reason: Reason; userId: string | null }

/** An account, if there is one, and the try to enter it. */
type Guess = { user: User | null; settings: UserSettings | null; guess: SignInTry }

export type SignIn = ReturnType<typeof createSignIn>

/** The last id there can be, which no row comes to. */
const NOBODY = '9223372036854775807'

const reasonOf = (user: User | null, isLocked: boolean): Reason => {
  if (!user) return 'unknown'
  return isLocked ? 'locked' : 'password'
}

/** Sign-in by password: equal work and equal answers whether an account exists or not. */
export function createSignIn(core: Core, viewer: Viewer) {
  const { database, clock, personData, passwords, signInAttempts, knownNetworks, changes } = core
  const network = networkOf(viewer.client?.ip)
  const startSession = createSessionStart(core, viewer)

  const refuse = async ({ code, reason, userId }: Refusal, isCounted = false): Promise<never> => {
    await transactional(database.acrossTenants(), async (tx) => {
      // Equal work for an account, for nobody and for a locked one.
      await countFailure(tx, isCounted ? (userId ?? NOBODY) : NOBODY, clock.now())
      await changes.record(tx, viewer, {
        type: 'sign-in.refused',
        userId,
        place: PLATFORM,
        resource: { type: 'user', id: userId },
        details: { reason },
        isDone: false,
      })
    })
    throw identityError(code)
  }

  const requireQuietNetwork = async (): Promise<void> => {
    if (!(await signInAttempts.isNetworkFull(network))) return
    if (!(await signInAttempts.mayTell(network))) throw identityError('SIGN_IN_TOO_MANY')
    await refuse({ code: 'SIGN_IN_TOO_MANY', reason: 'network', userId: null })
  }

  const findGuess = async (email: string): Promise<Guess> => {
    const account = personData.emailHash(email)
    const em = database.acrossTenants()
    const user = await em.findOne(User, { emailHash: account })
    const settings = await em.findOne(UserSettings, { userId: user?.id ?? '1' })
    const isKnownNetwork = await knownNetworks.isKnown(user?.id ?? null, network)
    return { user, settings: user && settings, guess: { account, network, isKnownNetwork } }
  }

  /** Other guesses of the network may fail while this one waits for its turn. */
  const verify = async ({ user, guess }: Guess, password: string): Promise<boolean> => {
    try {
      return await passwords.verify(user?.password ?? null, password, async () => {
        if (await signInAttempts.isNetworkFull(network)) throw identityError('SIGN_IN_TOO_MANY')
      })
    } catch (failure) {
      await signInAttempts.giveBack(guess)
      throw failure
    }
  }

  const fail = async (refusal: Refusal, isCounted?: boolean): Promise<never> => {
    await signInAttempts.fail(network)
    return refuse(refusal, isCounted)
  }

  /** Lets nobody through but who has the right password and may try. */
  const enter = async (attempt: Guess, password: string): Promise<User> => {
    const { user, settings, guess } = attempt
    const { isKnownNetwork } = guess
    const userId = user?.id ?? null
    const locked = { code: 'ACCOUNT_LOCKED', reason: 'locked', userId } as const
    if (!(await signInAttempts.take(guess))) return fail(locked)
    const isRight = await verify(attempt, password)
    const isLocked = !isKnownNetwork && settings?.isLockedToStrangersAt(clock.now()) === true
    // Only an account can be locked for all processes: saying so would tell strangers of it, and
    // saying so to the right password alone would tell them that they have it.
    if (!user || !isRight || isLocked) {
      const reason = reasonOf(user, isLocked)
      return fail({ code: 'SIGN_IN_REFUSED', reason, userId }, !isKnownNetwork && !isLocked)
    }
    await signInAttempts.succeed(guess)
    if (settings?.isLockedToAll()) return refuse(locked)
    if (user.isActive()) return user
    return refuse({ code: 'ACCOUNT_SUSPENDED', reason: 'suspended', userId })
  }

  return {
    /**
     * @throws SIGN_IN_REFUSED, SIGN_IN_TOO_MANY, ACCOUNT_LOCKED, ACCOUNT_SUSPENDED,
     * SIGN_IN_PLACE_UNKNOWN, EMAIL_INVALID, PASSWORDS_BUSY
     */
    withPassword: async (credentials: Credentials): Promise<SignedIn> => {
      const { email, password, tenantId, guildId } = credentials
      await requireQuietNetwork()
      const attempt = await findGuess(email)
      const place = await findPlace(database.acrossTenants(), { tenantId, guildId })
      const user = await enter(attempt, password)
      if (!place) throw identityError('SIGN_IN_PLACE_UNKNOWN')
      const { isKnownNetwork } = attempt.guess
      return toSignedIn(core, await startSession({ user, place, network, isKnownNetwork }))
    },
  }
}

/**
 * One more failure of strangers, counted for an hour from the first; the hundredth locks the account
 * to all of them, in every process, for a while.
 */
async function countFailure(tx: SqlEntityManager, userId: string, now: Date): Promise<void> {
  const bygone = new Date(now.getTime() - STRANGER_TRIES.windowMilliseconds)
  await updateWhere(tx, UserSettings, {
    where: { userId, $or: [{ failuresSince: null }, { failuresSince: { $lte: bygone } }] },
    set: { failedLoginAttempts: 0, failuresSince: now },
  })
  await updateWhere(tx, UserSettings, { where: { userId }, add: { failedLoginAttempts: 1 } })
  await updateWhere(tx, UserSettings, {
    where: { userId, failedLoginAttempts: { $gte: STRANGER_TRIES.most } },
    set: {
      failedLoginAttempts: 0,
      failuresSince: null,
      accountLocked: true,
      accountLockedUntil: new Date(now.getTime() + STRANGER_TRIES.windowMilliseconds),
    },
  })
}
