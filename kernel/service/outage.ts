import type { Randomness } from '../ids.ts'
import type { Logger } from '../log.ts'

/** Bounds on waiting for one service. */
export type Patience = {
  /** How long a request waits at most, and for how long an outage is waited through at all. */
  patienceMs: number
  /** Until the first look at whether it is back; each further wait is twice as long. */
  firstDelayMs: number
  longestDelayMs: number
  /** Requests that wait at once; further ones are refused. */
  mostWaiting: number
}

/** A request that wants to be let through; times are of `performance.now()`. */
export type Ticket = {
  begunAt: number
  until: number
  isRepeatable: boolean
  signal: AbortSignal | undefined
}

export type OutageDeps = { name: string; patience: Patience; randomness: Randomness; log: Logger }

/** While a service is away: who waits for it, and who looks. */
export type Outage = {
  isOn: () => boolean
  /** When it last began or ended: what was tried before says nothing of now. */
  movedAt: () => number
  /** Why it is on. */
  cause: () => unknown
  begin: (cause: unknown, since: number) => void
  /** Lets everybody go who waits. */
  end: () => void
  /**
   * Waits for the end, or for this request's turn to look. @returns whether it may be sent; false
   * when its time is over, too many wait, or the outage lasts for longer than is waited through
   */
  wait: (ticket: Ticket) => Promise<boolean>
}

type Waiter = { isRepeatable: boolean; go: (may: boolean) => void }
type State = { since: number; cause: unknown; looks: number; nextLookAt: number }

/** Half to all of a delay, so that callers who were refused at once do not return at once. */
export function jittered(delayMs: number, randomness: Randomness): number {
  return delayMs * (0.5 + randomness.bytes(1).readUInt8() / 510)
}

/** Requests look by turns, with growing pauses between: a service that comes back is not overrun. */
export function createOutage({ name, patience, randomness, log }: OutageDeps): Outage {
  const waiting = new Set<Waiter>()
  let state: State | null = null
  let movedAt = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined

  const delayNextLook = (on: State) => {
    const delay = Math.min(patience.longestDelayMs, patience.firstDelayMs * 2 ** on.looks)
    on.looks = Math.min(on.looks + 1, 16)
    on.nextLookAt = performance.now() + jittered(delay, randomness)
  }
  const look = () => {
    timer = undefined
    // A look that breaks off costs a read nothing; a change may not be sent again then.
    const next = waiting.values().find(({ isRepeatable }) => isRepeatable) ?? [...waiting][0]
    if (!state || !next) return
    delayNextLook(state)
    waiting.delete(next)
    next.go(true)
    awaitLook()
  }
  const awaitLook = () => {
    if (!state || waiting.size === 0) return
    timer ??= setTimeout(look, Math.max(0, state.nextLookAt - performance.now()))
  }

  return {
    isOn: () => state !== null,
    movedAt: () => movedAt,
    cause: () => state?.cause,
    begin(cause, since) {
      if (state) {
        state.cause = cause
        return
      }
      log.warn({ service: name, err: cause }, 'a service is away')
      state = { since, cause, looks: 0, nextLookAt: 0 }
      movedAt = performance.now()
      delayNextLook(state)
    },
    end() {
      if (!state) return
      movedAt = performance.now()
      const milliseconds = Math.round(movedAt - state.since)
      log.info({ service: name, milliseconds, waiting: waiting.size }, 'a service is back')
      state = null
      clearTimeout(timer)
      timer = undefined
      for (const { go } of waiting) go(true)
    },
    async wait(ticket) {
      if (!state) return true
      const now = performance.now()
      const mayLook = ticket.isRepeatable || waiting.size === 0
      if (mayLook && now >= state.nextLookAt) {
        delayNextLook(state)
        return true
      }
      const isTooLate = now >= ticket.until || ticket.begunAt - state.since > patience.patienceMs
      if (isTooLate || waiting.size >= patience.mostWaiting) return false
      return queue(waiting, ticket, awaitLook)
    },
  }
}

/** @returns what the waiter is told, or false when its time is over; rejects when it is called off */
async function queue(waiting: Set<Waiter>, ticket: Ticket, queued: () => void): Promise<boolean> {
  const { isRepeatable, signal, until } = ticket
  signal?.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<boolean>()
  const waiter = { isRepeatable, go: resolve }
  const leave = () => reject(signal?.reason)
  const timer = setTimeout(() => resolve(false), until - performance.now())
  signal?.addEventListener('abort', leave, { once: true })
  waiting.add(waiter)
  queued()
  try {
    return await promise
  } finally {
    waiting.delete(waiter)
    clearTimeout(timer)
    signal?.removeEventListener('abort', leave)
  }
}
