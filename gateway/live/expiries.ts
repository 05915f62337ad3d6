import type { Clock } from '#kernel/clock.ts'

/** Calls back when moments have come, all by one timer. */
export type Expiries = {
  /** Calls once, soon after the moment, until the returned function is called. */
  at: (moment: Date, call: () => void) => () => void
  close: () => void
}

/** How late a call may come. */
const TICK_MS = 100

/** A wheel of the ticks in which something expires: what is looked at is what is due. */
export function createExpiries(clock: Clock): Expiries {
  const ticks = new Map<number, Set<() => void>>()
  const tickOf = (moment: Date) => Math.ceil(moment.getTime() / TICK_MS)
  let looked = tickOf(clock.now()) - 1
  let timer: NodeJS.Timeout | null = null

  const stop = () => {
    if (timer) clearInterval(timer)
    timer = null
  }
  const call = (tick: number) => {
    const due = ticks.get(tick)
    ticks.delete(tick)
    for (const one of due ?? []) one()
  }
  const look = () => {
    const now = Math.floor(clock.now().getTime() / TICK_MS)
    // After a leap of the clock there are more ticks behind it than there are any that matter.
    const passed =
      now - looked > ticks.size
        ? [...ticks.keys()].filter((tick) => tick <= now)
        : Array.from({ length: Math.max(0, now - looked) }, (_, index) => looked + 1 + index)
    looked = now
    for (const tick of passed) call(tick)
    if (ticks.size === 0) stop()
  }
  return {
    at(moment, expired) {
      // What is past already is due at the next look.
      const tick = Math.max(tickOf(moment), looked + 1)
      const due = ticks.get(tick) ?? new Set()
      ticks.set(tick, due.add(expired))
      timer ??= setInterval(look, TICK_MS).unref()
      return () => {
        due.delete(expired)
        if (due.size === 0 && ticks.get(tick) === due) ticks.delete(tick)
      }
    },
    close: stop,
  }
}
