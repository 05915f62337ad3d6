import fc from 'fast-check'
import { newId } from '#kernel/ids.ts'
import { RefreshFamily } from '#subgraphs/identity/entities/refresh-family.ts'
import { Session } from '#subgraphs/identity/entities/session.ts'
import { createRefreshTokens } from '#subgraphs/identity/services/refresh-tokens.ts'
import type { World } from './identity-world.ts'

/** One thing that happens to a session; `pause` is the time before it, milliseconds. */
type Happening =
  | { kind: 'refresh'; pause: number }
  /** The answer never arrives; the tab asks again within the grace. */
  | { kind: 'lost'; pause: number; retryAfter: number }
  /** Several tabs ask at once with the token they share. */
  | { kind: 'together'; pause: number; tabs: number }
  /** A thief copies the token of this moment. */
  | { kind: 'steal'; pause: number }
  | { kind: 'thief'; pause: number }

const pause = fc.integer({ min: 0, max: 25_000 })

const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ kind: fc.constant('refresh' as const), pause }),
  fc.record({
    kind: fc.constant('lost' as const),
    pause,
    retryAfter: fc.integer({ min: 0, max: 9_999 }),
  }),
  fc.record({
    kind: fc.constant('together' as const),
    pause,
    tabs: fc.integer({ min: 2, max: 5 }),
  }),
  fc.record({ kind: fc.constant('steal' as const), pause }),
  fc.record({ kind: fc.constant('thief' as const), pause }),
)

const schedule = fc.array(happening, { minLength: 1, maxLength: 8 })

export type RotationProof = {
  schedules: number
  refreshes: number
  /** Schedules in which a thief held a token. */
  thefts: number
  falseSignOuts: number
  undetectedReuses: number
}

const BEYOND_GRACE = 10_001

/** A session as a sign-in would leave it, without the cost of its password. */
async function openFamily({ database, clock, operatorKeys }: World, userId: string) {
  const em = database.acrossTenants()
  const now = clock.now()
  const place = { tenantId: null, guildId: null, isPlaceNamed: false }
  const times = { createdAt: now, lastUsedAt: now, endedAt: null, endReason: null }
  const session = em.create(Session, { userId, ...place, ...times })
  em.persist(session)
  await em.flush()
  const later = new Date(now.getTime() + 86_400_000)
  const family = em.create(RefreshFamily, {
    sessionId: session.id,
    userId,
    salt: newId(),
    seq: 0,
    rotatedAt: now,
    expiresAt: later,
    absoluteExpiresAt: later,
    revokedAt: null,
  })
  em.persist(family)
  await em.flush()
  return createRefreshTokens({ operatorKeys }).write(family, 0)
}

type Run = { refreshes: number; hasThief: boolean; wasSignedOut: boolean; isAlive: boolean }

async function runSchedule(world: World, userId: string, happenings: readonly Happening[]) {
  const { clock } = world
  const run: Run = { refreshes: 0, hasThief: false, wasSignedOut: false, isAlive: true }
  let shared = await openFamily(world, userId)
  let stolen: string | null = null

  const refresh = async (token: string): Promise<string | null> => {
    run.refreshes += 1
    const { tokens, code } = await world.refresh(token)
    if (!tokens && code !== 'REFRESH_TOKEN_REUSED' && code !== 'SESSION_ENDED') {
      throw new Error(`a refresh failed for another reason: ${code}`)
    }
    return tokens?.refreshToken ?? null
  }
  const honest = async (ask: () => Promise<(string | null)[]>) => {
    const answers = new Set(await ask())
    const [next = null] = answers
    if (answers.size > 1) throw new Error('tabs that asked together got different answers')
    if (next === null) run.wasSignedOut = true
    else shared = next
    run.isAlive = next !== null
  }
  const thief = async () => {
    if (stolen) stolen = (await refresh(stolen)) ?? stolen
  }

  const acts: {
    [Kind in Happening['kind']]: (one: Extract<Happening, { kind: Kind }>) => Promise<void>
  } = {
    refresh: () => honest(async () => [await refresh(shared)]),
    lost: ({ retryAfter }) =>
      honest(async () => {
        await refresh(shared)
        clock.advance(retryAfter)
        return [await refresh(shared)]
      }),
    together: ({ tabs }) =>
      honest(() => Promise.all(Array.from({ length: tabs }, () => refresh(shared)))),
    steal: async () => {
      stolen = shared
      run.hasThief = true
    },
    thief,
  }
  for (const one of happenings) {
    clock.advance(one.pause)
    await acts[one.kind](one as never)
  }
  for (const closing of [acts.refresh, thief, acts.refresh]) {
    clock.advance(BEYOND_GRACE)
    await closing({ kind: 'refresh', pause: 0 })
  }
  return run
}

/**
 * Random schedules of parallel tabs, lost answers and thieves. Without a thief nobody is ever signed
 * out; with one the session has ended by the time both have come back once.
 */
export async function proveRotation(
  world: World,
  { userId, schedules, seed }: { userId: string; schedules: number; seed: number },
): Promise<RotationProof> {
  const proof = { schedules, refreshes: 0, thefts: 0, falseSignOuts: 0, undetectedReuses: 0 }
  for (const happenings of fc.sample(schedule, { numRuns: schedules, seed })) {
    const run = await runSchedule(world, userId, happenings)
    proof.refreshes += run.refreshes
    proof.thefts += Number(run.hasThief)
    proof.falseSignOuts += Number(!run.hasThief && run.wasSignedOut)
    proof.undetectedReuses += Number(run.hasThief && run.isAlive)
  }
  return proof
}
