import { quantile } from '../load.ts'
import { Refused } from './asking.ts'

/** What one operation's turn showed; times in milliseconds, sorted. */
export type Turn = { times: readonly number[]; failures: ReadonlyMap<string, number> }

/** Sends the next request. @returns milliseconds until its answer */
export type Send = () => Promise<number>

export type Pace = { perSecond: number; seconds: number }

const pauseUntil = (moment: number) =>
  new Promise((done) => setTimeout(done, Math.max(0, moment - performance.now())))

/** Gathers the times of answers, and the codes of those that were none. */
function createTally() {
  const times: number[] = []
  const failures = new Map<string, number>()
  return {
    note: async (work: () => Promise<number>): Promise<void> => {
      try {
        times.push(await work())
      } catch (failure) {
        const code = failure instanceof Refused ? failure.code : 'NO_ANSWER'
        if (!failures.has(code)) process.stderr.write(`${String(failure)}\n`)
        failures.set(code, (failures.get(code) ?? 0) + 1)
      }
    },
    end: (): Turn => ({ times: times.sort((left, right) => left - right), failures }),
  }
}

/** How many requests a paced turn asks. */
export const requestsOf = ({ perSecond, seconds }: Pace): number => Math.ceil(perSecond * seconds)

/**
 * Asks at a steady pace, spread evenly over the clients. A client whose answer is late asks late: then
 * the time counts from when it would have asked.
 */
export async function runPaced(
  send: Send,
  { clients, ...pace }: Pace & { clients: number },
): Promise<Turn> {
  const tally = createTally()
  const intervalMs = 1_000 / pace.perSecond
  const count = requestsOf(pace)
  const began = performance.now()
  const client = async (first: number) => {
    for (let index = first; index < count; index += clients) {
      const due = began + index * intervalMs
      const lateMs = Math.max(0, performance.now() - due)
      await pauseUntil(due)
      await tally.note(async () => (await send()) + lateMs)
    }
  }
  await Promise.all(Array.from({ length: clients }, (_, index) => client(index)))
  return tally.end()
}

/** What each client asks again as soon as it has its answer. */
export async function runClosed(
  send: Send,
  { clients, seconds }: { clients: number; seconds: number },
): Promise<Turn & { perSecond: number }> {
  const tally = createTally()
  const began = performance.now()
  const end = began + seconds * 1_000
  const client = async () => {
    while (performance.now() < end) {
      await tally.note(send)
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  const turn = tally.end()
  const tookMs = performance.now() - began
  return { ...turn, perSecond: Number(((turn.times.length / tookMs) * 1_000).toFixed(1)) }
}

/** The figures of a turn as they stand in a table. */
export const figuresOf = ({ times, failures }: Turn) => ({
  p50: quantile(times, 0.5),
  p99: quantile(times, 0.99),
  requests: times.length,
  failed: [...failures.values()].reduce((sum, count) => sum + count, 0),
})
