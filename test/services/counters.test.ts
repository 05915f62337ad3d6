import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { systemClock } from '#kernel/clock.ts'
import { type Counters, createCounters } from '#kernel/counters/counters.ts'
import { createLookupHash } from '#kernel/crypto/lookup-hash.ts'
import { createLog } from '#kernel/log.ts'
import { createSignInAttempts } from '#subgraphs/identity/services/sign-in-attempts.ts'
import { describeAllowances } from '../kernel/counters/allowance-suite.ts'
import { describeCounters } from '../kernel/counters/counter-suite.ts'
import { startOwnRedis } from '../kit/own-redis.ts'

const REDIS_URL = process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379'
const BOUNDS = { most: 10, windowMilliseconds: 60_000 }

const newPrefix = () => `dbsbm_test_${randomBytes(6).toString('hex')}:`

/** Has the keys of a prefix age, because nobody can wait for Redis' own clock. */
async function age(redis: Redis, prefix: string, milliseconds: number): Promise<void> {
  for (const key of await redis.keys(`${prefix}*`)) {
    const left = await redis.pttl(key)
    expect(left).toBeGreaterThan(0)
    await redis.pexpire(key, left - milliseconds)
  }
}

async function openCounters(url: string, prefix: string) {
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  const log = createLog({ level: 'info', name: 'test', destination })
  const redis = { url, prefix }
  const counters = await createCounters({ redis, name: 'test', clock: systemClock, log })
  return { counters, lines, [Symbol.asyncDispose]: counters.close }
}

/** Redis is found in the background; a test of it begins when it is. */
const untilShared = ({ isShared }: Counters) =>
  expect.poll(isShared, { timeout: 20_000, interval: 20 }).toBe(true)

async function openRedisWorld() {
  const prefix = newPrefix()
  const redis = new Redis(REDIS_URL)
  const { counters } = await openCounters(REDIS_URL, prefix)
  counters.open('first', BOUNDS)
  await untilShared(counters)
  return {
    counters,
    prefix,
    redis,
    pass: (milliseconds: number) => age(redis, prefix, milliseconds),
    [Symbol.asyncDispose]: async () => {
      await counters.close()
      for (const key of await redis.keys(`${prefix}*`)) await redis.del(key)
      redis.disconnect()
    },
  }
}

describeCounters('in Redis', openRedisWorld)
describeAllowances('in Redis', async () => {
  const world = await openRedisWorld()
  // Nobody can turn the clock of Redis: what an allowance was last seen at is moved instead.
  const pass = async (milliseconds: number) => {
    for (const key of await world.redis.keys(`${world.prefix}allowances:*`))
      await world.redis.hincrby(key, 'at', -milliseconds)
  }
  return { ...world, pass }
})

test('in Redis, keys are named by prefix and keyed hash, hold no address, and all end', async () => {
  await using world = await openRedisWorld()
  const { counters, prefix, redis } = world
  const lookup = createLookupHash({ root: Buffer.alloc(32, 7) })
  const attempts = createSignInAttempts({ counters, lookup })
  const guess = { account: 'hash-of-an-address', network: '203.0.113.7/32', isKnownNetwork: false }
  expect(await attempts.take(guess)).toBe(true)
  await attempts.fail(guess.network)
  await attempts.mayTell(guess.network)
  const keys = await redis.keys(`${prefix}*`)
  expect(keys.map((key) => key.replace(/[\w-]{43}$/, '<hash>')).sort()).toEqual(
    ['network', 'pair', 'stranger', 'telling'].map(
      (kind) => `${prefix}counters:identity.${kind}:<hash>`,
    ),
  )
  for (const key of keys) expect(await redis.pttl(key)).toBeGreaterThan(0)
})

/** Two processes on one Redis, and as many tries as one asks for in each. */
async function openTwo(url: string) {
  await using stack = new AsyncDisposableStack()
  const prefix = newPrefix()
  const [here, there] = [await openCounters(url, prefix), await openCounters(url, prefix)]
  const kept = [here, there].map((one) => {
    stack.use(one)
    const counter = one.counters.open('test', BOUNDS)
    const takeTimes = async (times: number) => {
      const takes = Array.from({ length: times }, () => counter.take('ann'))
      return (await Promise.all(takes)).filter(Boolean).length
    }
    return { ...one, counter, takeTimes }
  })
  for (const { counters } of kept) await untilShared(counters)
  const disposal = stack.move()
  return {
    here: kept[0] as (typeof kept)[0],
    there: kept[1] as (typeof kept)[0],
    [Symbol.asyncDispose]: () => disposal.disposeAsync(),
  }
}

const messages = (lines: readonly string[]) => lines.map((line) => JSON.parse(line).msg as string)

const ALONE = 'Redis does not answer: tries are counted by each process for itself'
const TOGETHER = 'tries are counted by all processes together again'

describe('two processes', () => {
  test('that share a Redis take together as many tries as one alone', async () => {
    await using two = await openTwo(REDIS_URL)
    const [here, there] = await Promise.all([two.here.takeTimes(25), two.there.takeTimes(25)])
    expect(here + there).toBe(BOUNDS.most)
    expect([await two.here.counter.isFull('ann'), await two.there.counter.isFull('ann')]).toEqual([
      true,
      true,
    ])
    await two.there.counter.clear('ann')
    expect(await two.here.takeTimes(3)).toBe(3)
  })

  test('that share a Redis spend one allowance, and each its own while Redis is away', async () => {
    await using redis = await startOwnRedis()
    await using two = await openTwo(redis.url)
    const bounds = { most: 100, perSecond: 0.001 }
    const [here, there] = [two.here, two.there].map(({ counters }) =>
      counters.openAllowance('points', bounds),
    )
    const most = { least: 1, most: 80 }
    const granted = async (allowance = here) => (await allowance?.take('ann', most))?.granted
    expect([await granted(here), Math.round((await granted(there)) ?? 0)]).toEqual([80, 20])
    await redis.stop()
    await expect.poll(two.here.counters.isShared).toBe(false)
    await expect.poll(two.there.counters.isShared).toBe(false)
    expect([await granted(here), await granted(there)]).toEqual([80, 80])
    await redis.start()
    await untilShared(two.here.counters)
    await untilShared(two.there.counters)
    expect([await granted(here), Math.round((await granted(there)) ?? 0)]).toEqual([80, 20])
  })

  test('whose Redis hangs answer in time and count each for itself, then together again', async () => {
    await using redis = await startOwnRedis()
    await using two = await openTwo(redis.url)
    const { here, there } = two
    expect(await here.takeTimes(4)).toBe(4)
    redis.freeze()
    const since = performance.now()
    expect([await here.counter.take('bob'), await there.counter.take('bob')]).toEqual([true, true])
    expect([await here.takeTimes(25), await there.takeTimes(25)]).toEqual([10, 10])
    expect(await here.counter.isFull('ann')).toBe(true)
    expect(performance.now() - since).toBeLessThan(5_000)
    expect([here.counters.isShared(), there.counters.isShared()]).toEqual([false, false])
    redis.thaw()
    await untilShared(here.counters)
    await untilShared(there.counters)
    // What was counted before the outage stands; what each counted during it is forgotten.
    expect((await here.takeTimes(25)) + (await there.takeTimes(25))).toBe(BOUNDS.most - 4)
    expect(messages(here.lines).filter((line) => [ALONE, TOGETHER].includes(line))).toEqual([
      ALONE,
      TOGETHER,
    ])
  })

  test('whose Redis is gone and comes back empty lock nobody out and open no door', async () => {
    await using redis = await startOwnRedis()
    await using two = await openTwo(redis.url)
    const { here, there } = two
    expect(await here.takeTimes(25)).toBe(BOUNDS.most)
    await redis.stop()
    await expect.poll(here.counters.isShared).toBe(false)
    await expect.poll(there.counters.isShared).toBe(false)
    expect([await here.takeTimes(25), await there.takeTimes(25)]).toEqual([10, 10])
    expect(await here.takeTimes(25)).toBe(0)
    await redis.start()
    await untilShared(here.counters)
    await untilShared(there.counters)
    expect((await here.takeTimes(25)) + (await there.takeTimes(25))).toBe(BOUNDS.most)
  })

  test('whose Redis is full count each for itself, what is read of it notwithstanding', async () => {
    await using redis = await startOwnRedis()
    await using two = await openTwo(redis.url)
    const { here } = two
    await redis.command('config', 'set', 'maxmemory', '1')
    expect(await here.takeTimes(25)).toBe(BOUNDS.most)
    expect(await here.counter.isFull('ann')).toBe(true)
    expect(messages(here.lines)).toContain(ALONE)
    // For as long as it is full, however long ago somebody signed in; and no longer.
    for (const wait of [0, 1_500]) {
      await new Promise((resume) => setTimeout(resume, wait))
      expect(here.counters.isShared()).toBe(false)
    }
    await redis.command('config', 'set', 'maxmemory', '0')
    await expect.poll(here.counters.isShared, { timeout: 10_000 }).toBe(true)
  })
})

test('a connection that never comes counts alone, and its end is not waited for', async () => {
  await using redis = await startOwnRedis()
  await redis.stop()
  await using one = await openCounters(redis.url, newPrefix())
  const counter = one.counters.open('test', { ...BOUNDS, most: 1 })
  expect([await counter.take('ann'), await counter.take('ann')]).toEqual([true, false])
  expect(one.counters.isShared()).toBe(false)
})
