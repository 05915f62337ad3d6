import { randomInt } from 'node:crypto'
import { Redis } from 'ioredis'
import type { RedisConfig } from '../config.ts'
import type { Logger } from '../log.ts'

export type RedisConnectionOptions = {
  config: RedisConfig
  /** What the connection is for, without spaces: stands in the log and in the server's list of clients. */
  name: string
  log: Logger
  /** Longest time for which a command of this connection waits at the server, milliseconds; 0: none does. */
  blocksForMs?: number
}

export type RedisConnection = {
  redis: Redis
  /** True while commands are taken; while false each is refused at once. */
  isConnected: () => boolean
  /** Resolves when the first attempt to connect has ended, one way or the other. */
  tried: Promise<void>
  /** Lets what was sent be answered, unless the connection blocks, and ends it; takes a second at most. */
  close: () => Promise<void>
}

const CONNECT_MS = 2_000
const COMMAND_MS = 500
/** How long an answer may be overdue before the connection counts as dead. */
const SILENCE_MS = 1_000
const DISCONNECT_MS = 500
const FIRST_RETRY_MS = 50
const LONGEST_RETRY_MS = 1_000

/** From 50 ms up to a second, less up to half of it, so that processes do not come back in step. */
function retryMs(attempt: number): number {
  const longest = Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), LONGEST_RETRY_MS)
  return randomInt(longest / 2, longest + 1)
}

function open({ config, name, blocksForMs = 0 }: RedisConnectionOptions): Redis {
  return new Redis(config.url, {
    keyPrefix: config.prefix,
    connectionName: name,
    disableClientInfo: true,
    connectTimeout: CONNECT_MS,
    disconnectTimeout: DISCONNECT_MS,
    socketTimeout: blocksForMs + SILENCE_MS,
    ...(blocksForMs > 0 ? {} : { commandTimeout: COMMAND_MS }),
    // A command meets Redis now or is refused now: nothing waits unseen, nothing is sent twice.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: retryMs,
    // After a failover the old address may lead to a replica for a moment.
    reconnectOnError: (failure) => failure.message.startsWith('READONLY'),
  })
}

/** Not the failure itself: it holds the command's arguments, a password among them. */
function reasonOf(failure: Error & { code?: string }): string {
  return [failure.code, failure.message].filter(Boolean).join(': ')
}

/** Each reason of an outage is told once, then the return; attempts come every second. */
function tellOutages(redis: Redis, { name, log }: RedisConnectionOptions): { end: () => void } {
  let told: Set<string> | null = null
  let isEnded = false
  const tell = (reason: string) => {
    if (isEnded || told?.has(reason)) return
    told = (told ?? new Set()).add(reason)
    log.warn({ connection: name, reason }, 'Redis is out of reach')
  }
  redis.on('error', (failure: Error) => tell(reasonOf(failure)))
  redis.on('close', () => {
    if (told === null) tell('the connection was closed')
  })
  redis.on('ready', () => {
    if (told !== null) log.info({ connection: name }, 'Redis is reached again')
    told = null
  })
  return {
    end: () => {
      isEnded = true
    },
  }
}

/**
 * A connection to Redis that is made in the background and made again for ever; never throws because
 * Redis is absent. Commands are refused while it is away, and after half a second without an answer.
 */
export function connectRedis(options: RedisConnectionOptions): RedisConnection {
  const redis = open(options)
  const outages = tellOutages(redis, options)
  const ended = new Promise((resolve) => redis.once('end', resolve))
  const tried = new Promise<void>((resolve) => {
    redis.once('ready', resolve)
    redis.once('close', resolve)
    redis.once('end', resolve)
  })
  return {
    redis,
    isConnected: () => redis.status === 'ready',
    tried,
    close: async () => {
      outages.end()
      // Refused where nothing is connected: then there is nobody to say goodbye to.
      if (!options.blocksForMs) await redis.quit().catch(() => {})
      redis.disconnect()
      // Between two attempts there is no socket whose end could come.
      if (redis.status !== 'reconnecting') await ended
    },
  }
}
