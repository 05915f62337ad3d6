import { pause } from '../time-limit.ts'
import { createOutage, jittered, type OutageDeps, type Patience, type Ticket } from './outage.ts'

/**
 * What a failed attempt says. `away`: certainly nothing was taken. `broken`: it may have been taken.
 * `slow`: no answer in time. `failing`: an answer, and worth asking again. `answered`: an answer.
 * `stopped`: nothing, such as when whoever asked has left.
 */
export type Verdict = 'away' | 'broken' | 'slow' | 'failing' | 'answered' | 'stopped'

export type GateSettings = Patience & {
  /** Failures in a row, of whatever kind, after which a service is held to be away. */
  mostFailures: number
}

export type GateDeps = Omit<OutageDeps, 'patience'> & {
  settings: GateSettings
  verdictOf: (failure: unknown) => Verdict
  /** What a request is refused with that is not let through at all. */
  refuse: (cause: unknown) => Error
}

/** One request, which may take several attempts. */
export type Passing<Result> = {
  attempt: () => Promise<Result>
  /** Whether it may be sent again although it may have been taken. */
  isRepeatable: boolean
  signal?: AbortSignal | undefined
}

/** The one way to one service. */
export type Gate = {
  /**
   * Sends a request, and sends it again where that is safe, within the patience set: without limit
   * while nothing is taken, three times in all where something may have been.
   * @throws what the last attempt failed with, or what `refuse` makes
   */
  pass: <Result>(passing: Passing<Result>) => Promise<Result>
}

/** The first, and two more. */
const MOST_SENT = 3

/** One gate for each service: who waits for it knows of each other. */
export function createGate(deps: GateDeps): Gate {
  const { settings, verdictOf, refuse, randomness } = deps
  const outage = createOutage({ ...deps, patience: settings })
  let failures = 0
  let failingSince = 0

  const wasThere = (triedAt: number) => {
    failures = 0
    if (outage.isOn() && triedAt >= outage.movedAt()) outage.end()
  }
  const wasNotThere = (failure: unknown, triedAt: number) => {
    if (failures === 0) failingSince = triedAt
    failures += 1
    if (failures >= settings.mostFailures) outage.begin(failure, failingSince)
  }
  const note = (verdict: Verdict, failure: unknown, triedAt: number) => {
    if (verdict === 'stopped' || triedAt < outage.movedAt()) return
    if (verdict === 'away') outage.begin(failure, triedAt)
    else if (verdict === 'broken' || verdict === 'slow') wasNotThere(failure, triedAt)
    else wasThere(triedAt)
  }
  /** @returns whether the failed attempt may be followed by another */
  const mayRepeat = async (verdict: Verdict, sent: number, ticket: Ticket): Promise<boolean> => {
    if (performance.now() >= ticket.until) return false
    if (verdict === 'away') return true
    const isWorthIt = verdict === 'broken' || verdict === 'failing'
    if (!isWorthIt || !ticket.isRepeatable || sent >= MOST_SENT) return false
    const delay = jittered(settings.firstDelayMs * 4 ** (sent - 1), randomness)
    if (performance.now() + delay >= ticket.until) return false
    await pause(delay, ticket.signal)
    return true
  }

  return {
    async pass({ attempt, isRepeatable, signal }) {
      const begunAt = performance.now()
      const ticket = { begunAt, until: begunAt + settings.patienceMs, isRepeatable, signal }
      let failed: { failure: unknown } | null = null
      for (let sent = 0; ; ) {
        if (outage.isOn() && !(await outage.wait(ticket))) {
          throw failed ? failed.failure : refuse(outage.cause())
        }
        const triedAt = performance.now()
        try {
          const result = await attempt()
          wasThere(triedAt)
          return result
        } catch (failure) {
          if (signal?.aborted) throw failure
          failed = { failure }
        }
        const verdict = verdictOf(failed.failure)
        note(verdict, failed.failure, triedAt)
        if (verdict !== 'away') sent += 1
        if (!(await mayRepeat(verdict, sent, ticket))) throw failed.failure
      }
    },
  }
}
