/** Work that several askers wait for, each with a signal of its own. */
export type InFlight<Result> = {
  /**
   * Joins work of the same key that is under way, or begins it. It is given up when the last of its
   * askers has left. Rejects with the reason of the asker's signal, or as the work does.
   */
  join: (key: string, signal: AbortSignal, begin: Begin<Result>) => Promise<Result>
  /** Nobody joins what has begun before this moment: something was changed since. */
  close: () => void
  readonly size: number
}

/** Does the work; `signal` aborts when nobody waits for it any more. */
export type Begin<Result> = (signal: AbortSignal) => Promise<Result>

/** How long after its beginning work may still be joined: an answer is never older than this. */
const JOINABLE_MS = 500

/** When work was begun, and the other work that it waits for. */
type Beginning = { at: number; joined: Beginning[] }

type Flight<Result> = {
  beginning: Beginning
  askers: number
  ending: AbortController
  outcome: Promise<Result>
}

/** Of work under way, by the signal that ends it. */
const beginnings = new WeakMap<AbortSignal, Beginning>()

/** Work is as old as the oldest that it joined, which may join older work later. */
function oldestOf({ at, joined }: Beginning): number {
  return joined.reduce((oldest, other) => Math.min(oldest, oldestOf(other)), at)
}

/** Shares what is under way, and nothing that is over: an answer is told to those who waited for it. */
export function createInFlight<Result>(): InFlight<Result> {
  const flights = new Map<string, Flight<Result>>()

  const begin = (key: string, work: Begin<Result>): Flight<Result> => {
    const ending = new AbortController()
    const beginning: Beginning = { at: performance.now(), joined: [] }
    beginnings.set(ending.signal, beginning)
    const outcome = work(ending.signal)
    const flight = { beginning, askers: 0, ending, outcome }
    flights.set(key, flight)
    const land = () => {
      if (flights.get(key) === flight) flights.delete(key)
    }
    outcome.then(land, land)
    return flight
  }

  const underWay = (key: string) => {
    const flight = flights.get(key)
    const isJoinable =
      flight &&
      !flight.ending.signal.aborted &&
      performance.now() - oldestOf(flight.beginning) < JOINABLE_MS
    return isJoinable ? flight : undefined
  }

  return {
    join(key, signal, work) {
      if (signal.aborted) return Promise.reject(signal.reason)
      const flight = underWay(key) ?? begin(key, work)
      flight.askers += 1
      beginnings.get(signal)?.joined.push(flight.beginning)
      return waitFor(flight, signal)
    },
    close: () => flights.clear(),
    get size() {
      return flights.size
    },
  }
}

function waitFor<Result>(flight: Flight<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      reject(signal.reason)
      flight.askers -= 1
      if (flight.askers === 0) flight.ending.abort(signal.reason)
    }
    signal.addEventListener('abort', leave, { once: true })
    const settled = () => signal.removeEventListener('abort', leave)
    flight.outcome.then(
      (result) => {
        settled()
        resolve(result)
      },
      (failure: unknown) => {
        settled()
        reject(failure)
      },
    )
  })
}
