import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clientError, isDbsbmError, platformError } from '../../sdk/src/errors.ts'
import { createRefreshing } from '../../sdk/src/refreshing.ts'
import { createSession } from '../../sdk/src/session.ts'
import type { Tokens } from '../../sdk/src/tokens.ts'
import { countOf, openSdkWorld, refusalOf, type Way } from './sdk-world.ts'

const GRACE = 10_000
const LIFETIME = 300_000

/** What becomes of one refresh: it is answered, lost on the way there or back, refused, or answered with nonsense. */
type Fate = 'answered' | 'lost' | 'answer lost' | 'busy' | 'timed out' | 'garbled' | 'broken'

/** Identity as it rotates: a token used again after its grace ends the session. */
function createIdentity(clock: { now: number }, fates: Fate[]) {
  let [seq, rotatedAt, isOver, refreshes] = [0, 0, false, 0]
  const tokens = (): Tokens => ({
    access: `access-${seq}`,
    refresh: `refresh-${seq}`,
    expiresAt: clock.now + LIFETIME,
  })
  const rotate = (token: string): Tokens => {
    if (isOver) throw refused('SESSION_ENDED')
    if (token === `refresh-${seq}`) {
      seq++
      rotatedAt = clock.now
      return tokens()
    }
    if (token === `refresh-${seq - 1}` && clock.now - rotatedAt <= GRACE) return tokens()
    isOver = true
    throw refused('REFRESH_TOKEN_REUSED')
  }
  return {
    isOver: () => isOver,
    end() {
      isOver = true
    },
    refreshes: () => refreshes,
    async refresh(token: string, milliseconds: number): Promise<Tokens> {
      refreshes++
      const fate = fates.shift() ?? 'answered'
      if (fate === 'busy') throw platformError([], { status: 503 })
      if (fate === 'answered') return rotate(token)
      if (fate === 'broken') throw refused('INTERNAL_SERVER_ERROR')
      if (fate === 'garbled') throw clientError('ANSWER_INVALID')
      if (fate === 'answer lost') rotate(token)
      clock.now += milliseconds
      if (fate === 'timed out') throw clientError('TIMED_OUT')
      throw clientError('NETWORK_UNREACHABLE', { cause: new TypeError('fetch failed') })
    },
  }
}

const refused = (code: string) => platformError([{ message: code, extensions: { code } }])

function openSession(clock: { now: number }, fates: Fate[]) {
  const identity = createIdentity(clock, fates)
  const now = () => clock.now
  const pause = async (milliseconds: number) => {
    clock.now += milliseconds
  }
  const refreshing = createRefreshing({ refresh: identity.refresh, now, pause })
  const session = createSession({
    ...{ refreshing, now, signIn: null, refreshToken: 'refresh-0' },
    onRefreshToken: null,
  })
  return { identity, session }
}

const FATES = fc.constantFrom<Fate>('answered', 'answered', 'lost', 'answer lost', 'busy')
const STEPS = fc.array(
  fc.record({ askers: fc.integer({ min: 1, max: 20 }), pause: fc.nat(400_000) }),
)

test('whatever is lost on the way, no token is used again when that would end the session', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(FATES, { maxLength: 30 }), STEPS, async (fates, steps) => {
      const clock = { now: 1_000_000 }
      const { identity, session } = openSession(clock, fates)
      for (const { askers, pause } of steps) {
        const before = identity.refreshes()
        const asked = Array.from({ length: askers }, () => refusalOf(session.current()))
        const heard = await Promise.all(asked)
        // One refresh for all of them, of at most three tries, and one outcome.
        expect(identity.refreshes() - before).toBeLessThanOrEqual(3)
        expect(new Set(heard.map((one) => JSON.stringify(one))).size).toBe(1)
        const [outcome] = heard
        if (isDbsbmError(outcome)) {
          expect(['NETWORK_UNREACHABLE', 'SESSION_UNCERTAIN', 'CODE_UNKNOWN']).toContain(
            outcome.code,
          )
        }
        clock.now += pause
      }
      expect(identity.isOver()).toBe(false)
    }),
  )
})

describe('a session of nothing but a refresh token', () => {
  test('is uncertain for good when its answer was lost and the grace is over', async () => {
    const clock = { now: 1_000_000 }
    const { identity, session } = openSession(clock, ['answer lost', 'lost', 'lost'])
    expect(await refusalOf(session.current())).toMatchObject({ code: 'NETWORK_UNREACHABLE' })
    clock.now += GRACE
    const refusal = await refusalOf(session.current())
    expect(refusal).toMatchObject({ code: 'SESSION_UNCERTAIN' })
    const refreshes = identity.refreshes()
    expect(await refusalOf(session.current())).toBe(refusal)
    expect(identity.refreshes()).toBe(refreshes)
  })

  test('goes on however long it was turned away before anything was done', async () => {
    const clock = { now: 1_000_000 }
    const { session } = openSession(clock, ['busy', 'busy', 'busy'])
    expect(await refusalOf(session.current())).toMatchObject({ status: 503 })
    clock.now += 60 * GRACE
    expect(await session.current()).toBe('access-1')
  })

  test.each<Fate>(['lost', 'busy', 'timed out', 'garbled', 'broken'])(
    'keeps what it holds while that lasts, when its early renewal is %s',
    async (fate) => {
      const clock = { now: 1_000_000 }
      const { session } = openSession(clock, ['answered', fate, fate, fate])
      expect(await session.current()).toBe('access-1')
      clock.now += LIFETIME - 20_000
      expect(await session.current()).toBe('access-1')
      expect(await session.current()).toMatch(/^access-/)
    },
  )

  test('gives out nothing once it is over, although what it holds would last', async () => {
    const clock = { now: 1_000_000 }
    const { identity, session } = openSession(clock, ['answered'])
    await session.current()
    identity.end()
    clock.now += LIFETIME - 20_000
    expect(await refusalOf(session.current())).toMatchObject({ code: 'SESSION_ENDED' })
    expect(await refusalOf(session.current())).toMatchObject({ code: 'SESSION_ENDED' })
  })
})

test('twenty calls with a token that expired make one refresh, and each is asked again once', async () => {
  let generation = 1
  const tokensOf = (access: string) => ({
    accessToken: access,
    accessTokenExpiresAt: new Date(Date.now() + LIFETIME).toISOString(),
    refreshToken: `refresh-${generation}`,
  })
  const way: Way = ({ query, authorization }) => {
    if (query.includes('signIn')) return Response.json({ data: { signIn: tokensOf('access-1') } })
    if (query.includes('refreshTokens')) {
      generation = 2
      return Response.json({ data: { refreshTokens: tokensOf('access-2') } })
    }
    if (authorization === 'Bearer access-2') return Response.json({ data: { me: null } })
    const errors = [{ message: 'Expired.', extensions: { code: 'TOKEN_EXPIRED' } }]
    return Response.json({ errors }, { status: 401 })
  }
  const credentials = { email: 'ada@acme.example', password: 'hers' }
  await using client = openSdkWorld({ url: 'http://platform.example/graphql', credentials }, way)
  const asked = Array.from({ length: 20 }, () => client.query('query Me { me { id } }'))
  expect(await Promise.all(asked)).toEqual(Array(20).fill({ me: null }))
  expect(countOf(client.sent, 'RefreshTokens')).toBe(1)
  expect(countOf(client.sent, 'mutation SignIn')).toBe(1)
  expect(countOf(client.sent, 'query Me')).toBe(40)
})
