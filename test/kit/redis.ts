import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'

/** Where Redis runs for the tests of services. */
export const REDIS_URL = process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379'

async function dropKeys(url: string, prefix: string): Promise<void> {
  const redis = new Redis(url)
  try {
    for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1_000 })) {
      if ((keys as string[]).length > 0) await redis.del(...(keys as string[]))
    }
  } finally {
    redis.disconnect()
  }
}

/** What the names of a test's keys begin with; they go when it is disposed. */
export function ownRedisPrefix(url: string = REDIS_URL): AsyncDisposable & { prefix: string } {
  const prefix = `dbsbm-test-${randomBytes(6).toString('hex')}:`
  return { prefix, [Symbol.asyncDispose]: () => dropKeys(url, prefix) }
}
