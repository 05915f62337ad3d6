import { setTimeout as delay } from 'node:timers/promises'
import type { Randomness } from '#kernel/ids.ts'
import type { Logger } from '#kernel/log.ts'
import type { WhoSettings } from '../../settings.ts'
import { isRecord } from '../../transport/answer.ts'
import type { StreamMessage } from '../../transport/event-stream.ts'
import { readMessages, type StreamLimits } from '../../transport/stream.ts'
import { parseRevocation, type Revocations } from './revocations.ts'

/** Keeps the list of revocations up to date from identity's stream. */
export type RevocationFeed = {
  /** True while the snapshot was read and the stream is alive. */
  isConnected: () => boolean
  /** True once it was connected, however long ago. */
  wasConnected: () => boolean
  close: () => Promise<void>
}

export type RevocationFeedDeps = {
  /** Opens the stream; called again, with growing pauses, whenever it ends. */
  open: (signal: AbortSignal) => Promise<Response>
  revocations: Revocations
  settings: WhoSettings
  randomness: Randomness
  log: Logger
}

const SNAPSHOT_CHARACTERS = 16_777_216

/** Starts at once and reconnects for ever; every new connection begins with a whole snapshot. */
export function startRevocationFeed(deps: RevocationFeedDeps): RevocationFeed {
  const stopping = new AbortController()
  let isConnected = false
  let wasConnected = false
  const connectedNow = (value: boolean) => {
    isConnected = value
    wasConnected ||= value
  }
  const running = follow(deps, stopping.signal, connectedNow)
  return {
    isConnected: () => isConnected,
    wasConnected: () => wasConnected,
    async close() {
      stopping.abort()
      await running
    },
  }
}

async function follow(
  deps: RevocationFeedDeps,
  signal: AbortSignal,
  connected: (value: boolean) => void,
): Promise<void> {
  let failures = 0
  while (!signal.aborted) {
    try {
      await readOnce(deps, signal, () => {
        failures = 0
        connected(true)
      })
    } catch (failure) {
      if (!signal.aborted) deps.log.warn({ err: failure }, 'revocation feed lost, connecting again')
    }
    connected(false)
    await pause(deps, failures++, signal)
  }
}

async function readOnce(deps: RevocationFeedDeps, signal: AbortSignal, connected: () => void) {
  const response = await deps.open(signal)
  if (!response.ok) {
    await response.body?.cancel()
    throw new Error(`The revocation feed answered ${response.status}.`)
  }
  const limits: StreamLimits = {
    eventBytes: SNAPSHOT_CHARACTERS,
    idleMs: deps.settings.feedIdleMs,
    signal,
  }
  for await (const message of readMessages('identity', response, limits)) {
    for (const value of revocationsOf(message)) {
      const revocation = parseRevocation(value)
      if (!revocation) throw new Error('The revocation feed sent something that is no revocation.')
      deps.revocations.add(revocation)
    }
    if (message.event === 'snapshot') connected()
  }
}

function revocationsOf({ event, data }: StreamMessage): unknown[] {
  const body: unknown = JSON.parse(data)
  if (event === 'revoked') return [body]
  if (event !== 'snapshot') return []
  return isRecord(body) && Array.isArray(body.revocations) ? body.revocations : [null]
}

/** Doubles from failure to failure, half of it by chance, so that replicas do not come back as one. */
async function pause(
  deps: RevocationFeedDeps,
  failures: number,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return
  const { settings, randomness } = deps
  const longest = Math.min(
    settings.feedLongestDelayMs,
    settings.feedFirstDelayMs * 2 ** Math.min(failures, 16),
  )
  const chance = randomness.bytes(4).readUInt32BE() / 2 ** 32
  const wait = (longest * (1 + chance)) / 2
  await delay(wait, undefined, { signal }).then(
    () => undefined,
    () => undefined,
  )
}
