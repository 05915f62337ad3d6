import { expect, test, vi } from 'vitest'
import { createLog } from '#kernel/log.ts'
import { connectRedis, type RedisConnection } from '#kernel/redis/connect-redis.ts'
import { startOwnRedis } from '../kit/own-redis.ts'

const until = (holds: () => void) => vi.waitFor(holds, { timeout: 15_000, interval: 10 })

/** A connection, and what it says in the log. */
function open(url: string): { connection: RedisConnection; text: string[] } & AsyncDisposable {
  const text: string[] = []
  const write = (line: string) => void text.push(line)
  const log = createLog({ level: 'debug', name: 'test', destination: { write } })
  const connection = connectRedis({ config: { url, prefix: 'test:' }, name: 'counters', log })
  return { connection, text, [Symbol.asyncDispose]: connection.close }
}

const told = (text: readonly string[]) =>
  text
    .map((line) => JSON.parse(line) as { level: number; msg: string; reason?: string })
    .map(({ level, msg, reason }) => [level, msg, ...(reason ? [reason.split(' ')[0]] : [])])

test('commands go under the prefix, are refused at once while Redis is away, and an outage is told once', async () => {
  await using server = await startOwnRedis()
  await using opened = open(server.url)
  const { connection, text } = opened
  await connection.tried
  expect(connection.isConnected()).toBe(true)
  await connection.redis.set('colour', 'green')
  expect(await server.command('get', 'test:colour')).toBe('green')
  await server.stop()
  await until(() => expect(connection.isConnected()).toBe(false))
  const began = performance.now()
  await expect(connection.redis.get('colour')).rejects.toThrow()
  expect(performance.now() - began).toBeLessThan(300)
  // Several attempts fail before it is back.
  await until(() => expect(text).toHaveLength(2))
  const reconnecting = vi.fn()
  connection.redis.on('reconnecting', reconnecting)
  await until(() => expect(reconnecting.mock.calls.length).toBeGreaterThan(3))
  await server.start()
  await until(() => expect(connection.isConnected()).toBe(true))
  expect(await connection.redis.get('colour')).toBeNull()
  expect(told(text)).toEqual([
    [40, 'Redis is out of reach', 'the'],
    [40, 'Redis is out of reach', 'ECONNREFUSED:'],
    [30, 'Redis is reached again'],
  ])
})

test('a command in flight when Redis dies is refused, not sent again', async () => {
  await using server = await startOwnRedis()
  await using opened = open(server.url)
  const { connection } = opened
  await connection.tried
  server.freeze()
  const counted = connection.redis.incr('count')
  const refusal = expect(counted).rejects.toThrow()
  await server.stop()
  await refusal
  await server.start()
  await until(() => expect(connection.isConnected()).toBe(true))
  expect(await connection.redis.get('count')).toBeNull()
})

test('a wrong password is told as what it is, and never itself', async () => {
  await using server = await startOwnRedis()
  await server.command('config', 'set', 'requirepass', 'the right one')
  const url = server.url.replace('redis://', 'redis://:not-to-be-told@')
  await using opened = open(url)
  const { connection, text } = opened
  await until(() => expect(text).toHaveLength(1))
  expect(told(text)).toEqual([[40, 'Redis is out of reach', 'WRONGPASS']])
  expect(connection.isConnected()).toBe(false)
  expect(text.join('')).not.toContain('not-to-be-told')
})
