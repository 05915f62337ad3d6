import type { Redis } from 'ioredis'
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import type { Counter, CounterBounds } from './counter.ts'

/**
 * In place of the library's own script, which counts refused tries on for ever, goes below zero when
 * more is given back than stands, and does not begin the window anew with the last try.
 * ARGV: change, seconds of the window, most. Answers how many stand (more than most: refused) and
 * the milliseconds left.
 */
const COUNT = `
local key, change, most = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[3])
local taken = tonumber(redis.call('get', key) or '0')
if change < 0 then
  if taken > 0 then taken = redis.call('incrby', key, change) end
elseif taken + change > most then
  taken = most + 1
else
  taken = redis.call('incrby', key, change)
  if taken == most or redis.call('pttl', key) < 0 then redis.call('expire', key, ARGV[2]) end
end
return { taken, redis.call('pttl', key) }
`

/** Counts in Redis, whose clock is one for all. Throws whatever keeps Redis from answering. */
export function createRedisCounter(
  client: Redis,
  { keyPrefix, most, windowMilliseconds }: CounterBounds & { keyPrefix: string },
): Counter {
  const limiter = new RateLimiterRedis({
    storeClient: client,
    keyPrefix,
    points: most,
    duration: windowMilliseconds / 1000,
    rejectIfRedisNotReady: true,
    customIncrTtlLuaScript: COUNT,
  })
  return {
    take: async (subject) => {
      try {
        await limiter.consume(subject)
        return true
      } catch (outcome) {
        if (outcome instanceof RateLimiterRes) return false
        throw outcome
      }
    },
    isFull: async (subject) => ((await limiter.get(subject))?.consumedPoints ?? 0) >= most,
    giveBack: async (subject) => {
      await limiter.reward(subject)
    },
    clear: async (subject) => {
      await limiter.delete(subject)
    },
  }
}
