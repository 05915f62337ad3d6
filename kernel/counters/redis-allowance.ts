import type { Redis } from 'ioredis'
import type { Allowance, AllowanceBounds } from './allowance.ts'

/**
 * By the clock of Redis, which is one for all. A key lives for as long as it takes to fill up: what is
 * not there is full. ARGV: the most that stand, points per second, least, most; a negative most gives back.
 * Answers what was granted and what is left, as texts: Redis cuts numbers to whole ones.
 */
const TAKE = `
local key, highest, rate = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
local least, most = tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('time')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local known = redis.call('hmget', key, 'held', 'at')
local held, at = tonumber(known[1]) or highest, tonumber(known[2]) or now
held = math.min(highest, held + math.max(0, now - at) * rate / 1000)
local granted = 0
if most < 0 then
  held = math.min(highest, held - most)
elseif held >= least then
  granted = math.min(held, most)
  held = held - granted
end
redis.call('hset', key, 'held', string.format('%.6f', held), 'at', string.format('%.0f', now))
redis.call('pexpire', key, math.ceil((highest - held) * 1000 / rate) + 1000)
return { string.format('%.6f', granted), string.format('%.6f', held) }
`

/** Points in Redis. Throws whatever keeps Redis from answering. */
export function createRedisAllowance(
  client: Redis,
  { keyPrefix, most: highest, perSecond }: AllowanceBounds & { keyPrefix: string },
): Allowance {
  const run = async (subject: string, least: number, most: number) => {
    const key = `${keyPrefix}:${subject}`
    const answer = await client.eval(TAKE, 1, key, highest, perSecond, least, most)
    const [granted = Number.NaN, left = Number.NaN] = Array.isArray(answer)
      ? answer.map(Number)
      : []
    if (!(granted >= 0 && left >= 0)) throw new Error('Redis answered something that is no grant')
    return { granted, left }
  }
  return {
    take: (subject, { least, most }) => run(subject, least, Math.max(0, most)),
    giveBack: async (subject, points) => {
      if (points > 0) await run(subject, 0, -points)
    },
  }
}
