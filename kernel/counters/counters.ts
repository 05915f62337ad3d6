import type { Clock } from '../clock.ts'
import type { RedisConfig } from '../config.ts'
import type { Logger } from '../log.ts'
import type { RedisConnection } from '../redis/connect-redis.ts'
import type { Allowance, AllowanceBounds } from './allowance.ts'
import type { Counter, CounterBounds } from './counter.ts'
import { createMemoryAllowance } from './memory-allowance.ts'
import { createMemoryCounter } from './memory-counter.ts'

export type CountersOptions = {
  /** Null: counted in this process alone. */
  redis: RedisConfig | null
  /** What the connection is called. */
  name: string
  /** For what is counted in this process; Redis goes by its own. */
  clock: Clock
  log: Logger
}

export type Counters = {
  /**
   * A counter of this name, shared by all who open the same one on one Redis; the first connects.
   * Its subjects stand in names of keys: keyed hashes, never personal data.
   */
  open: (name: string, bounds: CounterBounds) => Counter
  /** Points of this name that come back with time, shared in the same way. */
  openAllowance: (name: string, bounds: AllowanceBounds) => Allowance
  /** False while each process counts for itself although there should be a Redis. */
  isShared: () => boolean
  close: () => Promise<void>
}

/** How long a Redis that did not answer is not asked. */
const REST_MS = 1_000

/** Counted only to see whether Redis counts. */
const PROBE: CounterBounds = { most: 1, windowMilliseconds: 1_000 }

type Pair<Part = Counter> = { shared: Part; own: Part }

/** Asks Redis, or this process' own counter while Redis does not answer. */
function createInsurance({ log, name }: CountersOptions, { isConnected }: RedisConnection) {
  let isAnswering = true
  let isTrying = false
  let restsUntil = 0
  const rests = () => performance.now() < restsUntil

  const noteFailure = (failure: unknown) => {
    const message = 'Redis does not answer: tries are counted by each process for itself'
    if (isAnswering) log.warn({ err: failure, counters: name }, message)
    else log.debug({ err: failure, counters: name }, message)
    isAnswering = false
    // Without a connection it says so at once, and nobody waits.
    if (isConnected()) restsUntil = performance.now() + REST_MS
  }
  const noteAnswer = () => {
    if (isAnswering || rests()) return
    isAnswering = true
    log.info({ counters: name }, 'tries are counted by all processes together again')
  }
  const ask = async <Part, Result>(
    { shared, own }: Pair<Part>,
    question: (part: Part) => Promise<Result>,
  ): Promise<Result> => {
    if (rests()) return question(own)
    try {
      const answer = await question(shared)
      noteAnswer()
      return answer
    } catch (failure) {
      noteFailure(failure)
      return question(own)
    }
  }
  /** Whoever looks has it tried again: else a Redis that is well would seem away until the next sign-in. */
  const tryAgain = (probe: Pair) => {
    if (isTrying || rests()) return
    isTrying = true
    void ask(probe, (counter) => counter.take('probe')).finally(() => {
      isTrying = false
    })
  }
  return {
    isShared: (probe: Pair) => {
      if (!isConnected()) return false
      if (!isAnswering) tryAgain(probe)
      return isAnswering
    },
    insure: (pair: Pair): Counter => ({
      take: (subject) => ask(pair, (counter) => counter.take(subject)),
      // A Redis that is full answers what is read of it: only what counts there tells that it is well.
      isFull: (subject) =>
        isAnswering ? ask(pair, (counter) => counter.isFull(subject)) : pair.own.isFull(subject),
      giveBack: (subject) => ask(pair, (counter) => counter.giveBack(subject)),
      clear: (subject) => ask(pair, (counter) => counter.clear(subject)),
    }),
    insureAllowance: (pair: Pair<Allowance>): Allowance => ({
      take: (subject, asked) => ask(pair, (allowance) => allowance.take(subject, asked)),
      giveBack: (subject, points) => ask(pair, (allowance) => allowance.giveBack(subject, points)),
    }),
  }
}

/** Counters of this process alone. */
export const createOwnCounters = (clock: Clock): Counters => ({
  open: (_name, bounds) => createMemoryCounter(bounds, clock),
  openAllowance: (_name, bounds) => createMemoryAllowance(bounds, clock),
  isShared: () => true,
  close: async () => undefined,
})

async function createSharedCounters(
  redis: RedisConfig,
  options: CountersOptions,
): Promise<Counters> {
  // Loaded where they are used: the embedded run starts sooner without.
  const { connectRedis } = await import('../redis/connect-redis.ts')
  const { createRedisCounter } = await import('./redis-counter.ts')
  const { createRedisAllowance } = await import('./redis-allowance.ts')
  const { name, log, clock } = options
  const pairOf = ({ redis: client }: RedisConnection, name: string, bounds: CounterBounds) => ({
    shared: createRedisCounter(client, { ...bounds, keyPrefix: `counters:${name}` }),
    own: createMemoryCounter(bounds, clock),
  })
  const connect = () => {
    const connection = connectRedis({ config: redis, name, log })
    const probe = pairOf(connection, 'probe', PROBE)
    return { connection, probe, ...createInsurance(options, connection) }
  }
  let connected: ReturnType<typeof connect> | null = null
  return {
    open: (counterName, bounds) => {
      connected ??= connect()
      return connected.insure(pairOf(connected.connection, counterName, bounds))
    },
    openAllowance: (allowanceName, bounds) => {
      connected ??= connect()
      const keyPrefix = `allowances:${allowanceName}`
      const shared = createRedisAllowance(connected.connection.redis, { ...bounds, keyPrefix })
      return connected.insureAllowance({ shared, own: createMemoryAllowance(bounds, clock) })
    },
    isShared: () => connected?.isShared(connected.probe) ?? true,
    close: async () => connected?.connection.close(),
  }
}

/**
 * Bounded counters, in Redis where there is one. A Redis that is gone, hangs or was emptied locks
 * nobody out and opens no door: while it does not answer, each process counts for itself, and what
 * it counted then is forgotten when Redis answers again.
 */
export async function createCounters(options: CountersOptions): Promise<Counters> {
  const { redis, clock } = options
  return redis === null ? createOwnCounters(clock) : createSharedCounters(redis, options)
}
