import { randomBytes } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { systemClock } from '#kernel/clock.ts'
import { createCounters } from '#kernel/counters/counters.ts'
import { updateWhere } from '#kernel/db/conditional-writes.ts'
import { transactional } from '#kernel/db/database.ts'
import { Role } from '#subgraphs/identity/entities/role.ts'
import { SecurityEvent } from '#subgraphs/identity/entities/security-event.ts'
import { Session } from '#subgraphs/identity/entities/session.ts'
import { User } from '#subgraphs/identity/entities/user.ts'
import { UserRole } from '#subgraphs/identity/entities/user-role.ts'
import { DEFAULT_ROLES } from '#subgraphs/identity/scopes.ts'
import { lockUser } from '#subgraphs/identity/services/user-lock.ts'
import { emptyMariadb, silentLog } from '../kit/database.ts'
import { startTcpProxy } from '../kit/tcp-proxy.ts'
import {
  ACME_ADMIN,
  OPERATOR,
  openWorld,
  type WorldOptions,
} from '../subgraphs/identity/kit/identity-world.ts'
import { followRevocations } from '../subgraphs/identity/kit/revocation-stream.ts'

const REDIS_URL = process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379'
const STRANGER = { ip: '198.51.100.9', userAgent: 'Test/1' }
const ELSEWHERE = { ip: '203.0.113.7', userAgent: 'Test/1' }

/** Two processes of identity on one database; what is published in one travels by the table alone. */
async function openTwo(optionsOf: (index: number) => WorldOptions) {
  await using stack = new AsyncDisposableStack()
  const { url } = stack.use(await emptyMariadb())
  const here = stack.use(await openWorld({ url, ...optionsOf(0) }))
  const there = stack.use(await openWorld({ url, isSeeded: false, ...optionsOf(1) }))
  const kept = stack.move()
  return { here, there, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

async function openCounters(prefix: string) {
  const redis = { url: REDIS_URL, prefix }
  const counters = await createCounters({ redis, name: 'test', clock: systemClock, log: silentLog })
  const probe = counters.open('probe', { most: 1, windowMilliseconds: 1_000 })
  await probe.take('nobody')
  await expect.poll(counters.isShared).toBe(true)
  return { ...counters, [Symbol.asyncDispose]: counters.close }
}

describe('two processes of identity', () => {
  test('lock a stranger out of an account after ten wrong guesses, wherever each is made', async () => {
    const prefix = `dbsbm_test_${randomBytes(6).toString('hex')}:`
    await using first = await openCounters(prefix)
    await using second = await openCounters(prefix)
    await using two = await openTwo((index) => ({ counters: index === 0 ? first : second }))
    const wrong = { email: OPERATOR.email, password: 'a wrong guess' }
    const guesses = Array.from({ length: 10 }, (_, index) =>
      (index % 2 === 0 ? two.here : two.there).signIn(wrong, STRANGER),
    )
    for (const { code } of await Promise.all(guesses)) expect(code).toBe('SIGN_IN_REFUSED')
    for (const world of [two.here, two.there]) {
      expect((await world.signIn(OPERATOR, STRANGER)).code).toBe('ACCOUNT_LOCKED')
      expect((await world.signIn(OPERATOR, ELSEWHERE)).code).toBeUndefined()
    }
  })

  test('tell the gateways of either what was revoked in the other, early and late', async () => {
    await using two = await openTwo(() => ({}))
    const { here, there } = two
    const stop = new AbortController()
    const early = await followRevocations(there, stop.signal)
    expect((await early.next()).value).toEqual({ event: 'snapshot', data: { revocations: [] } })
    const viewer = await here.as(OPERATOR)
    await here.execute(viewer, 'mutation { signOut(input: {}) { id } }')
    const revoked = { kind: 'session', id: viewer.sessionId, at: here.clock.now().toISOString() }
    const since = performance.now()
    expect((await early.next()).value).toEqual({ event: 'revoked', data: revoked })
    expect(performance.now() - since).toBeLessThan(5_000)
    const late = await followRevocations(there, stop.signal)
    expect((await late.next()).value?.data.revocations).toEqual([revoked])
    stop.abort()
  })

  test('end a token that the one with the faster clock makes while the other takes a role', async () => {
    await using two = await openTwo(() => ({}))
    const { here, there } = two
    const { sessionId, userId } = await there.as(ACME_ADMIN)
    if (!sessionId || !userId) throw new Error('a person has a session')
    const { id } = await there.database.acrossTenants().findOneOrFail(UserRole, { userId })
    const operator = await here.as(OPERATOR)
    const ahead = new Date(here.clock.now().getTime() + 800)
    const held = Promise.withResolvers<void>()
    const making = transactional(there.database.acrossTenants(), async (tx) => {
      await lockUser(tx, userId)
      held.resolve()
      await new Promise((resume) => setTimeout(resume, 1_000))
      await updateWhere(tx, Session, { where: { id: sessionId }, set: { lastUsedAt: ahead } })
    })
    await held.promise
    // It reads what it takes, and then waits for the person.
    const query = 'mutation ($input: RevokeRoleInput!) { revokeRole(input: $input) { id } }'
    const taken = await here.execute(operator, query, { input: { userRoleId: id } })
    await making
    expect(taken.errors).toBeUndefined()
    const stop = new AbortController()
    const { value } = await (await followRevocations(here, stop.signal)).next()
    stop.abort()
    expect(value?.data.revocations).toEqual([{ kind: 'user', id: userId, at: ahead.toISOString() }])
  })

  test('that start an empty platform at once make one first operator and each role once', async () => {
    const firstOperator = { email: 'first@platform.example', password: 'a good long secret' }
    await using two = await openTwo((index) => ({
      isSeeded: false,
      firstOperator: { ...firstOperator, email: `first-${index}@platform.example` },
    }))
    await Promise.all([two.here.service.start(), two.there.service.start()])
    const em = two.here.database.acrossTenants()
    expect(await em.count(User)).toBe(1)
    expect(await em.count(Role)).toBe(Object.keys(DEFAULT_ROLES).length)
    const types = ['role.created', 'user.created', 'role.granted']
    const counts = types.map((eventType) => em.fork().count(SecurityEvent, { eventType }))
    expect(await Promise.all(counts)).toEqual([Object.keys(DEFAULT_ROLES).length, 1, 1])
  })
})

describe('identity whose database is lost while it makes its first operator', () => {
  /** A world behind a way to MariaDB that breaks when the operator is about to be written. */
  async function openBroken(options: WorldOptions, isBroken: () => boolean = () => true) {
    await using stack = new AsyncDisposableStack()
    const { url } = stack.use(await emptyMariadb())
    const target = new URL(url)
    const proxy = stack.use(await startTcpProxy(Number(target.port || 3306)))
    target.hostname = '127.0.0.1'
    target.port = String(proxy.port)
    const firstOperator = { email: 'first@platform.example', password: 'a good long secret' }
    const given = { url: target.href, isSeeded: false, firstOperator, ...options }
    const world = stack.use(await openWorld(given))
    proxy.fateOf = (piece) =>
      isBroken() && piece.includes('insert into `users`') ? 'lose' : 'pass'
    const kept = stack.move()
    return { ...world, [Symbol.asyncDispose]: () => kept.disposeAsync() }
  }

  test('waits for it where it may, and makes one', async () => {
    const waitsFor = vi.fn()
    const waiting = { signal: new AbortController().signal, waitsFor }
    await using world = await openBroken({ waiting }, () => waitsFor.mock.calls.length < 2)
    await world.service.start()
    expect(waitsFor).toHaveBeenCalledTimes(2)
    expect(await world.database.acrossTenants().count(User)).toBe(1)
  })

  test('ends with the reason where it may not wait, or is told to stop', async () => {
    await using impatient = await openBroken({})
    await expect(impatient.service.start()).rejects.toThrow('Connection lost')
    const stop = new AbortController()
    const reason = new Error('told to stop')
    const waiting = { signal: stop.signal, waitsFor: () => stop.abort(reason) }
    await using told = await openBroken({ waiting })
    await expect(told.service.start()).rejects.toBe(reason)
  })
})
