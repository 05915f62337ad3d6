import type { Randomness } from '#kernel/ids.ts'

/** Whoever is asked to leave comes to another gateway at once: not more of each kind than so many a second. */
const LEAVING_PER_SECOND = 1_000
const LEAVING_EVERY_MS = 10

/** In which order, and how long the longest of them may take to be gone. */
export type LeavingOptions = { randomness: Randomness; drainMs: number }

/** Until when whoever has to leave has been asked to: half of the time that there is, at most. */
export function leavingMs(count: number, drainMs: number): number {
  return Math.min((count * 1000) / LEAVING_PER_SECOND, drainMs / 2)
}

/** Asks one after another to leave, in a random order. */
export function askToLeave(
  leaves: readonly (() => void)[],
  { randomness, drainMs }: LeavingOptions,
): void {
  const order = leaves
    .map((leave) => ({ leave, at: randomness.bytes(4).readUInt32LE() }))
    .sort((one, other) => one.at - other.at)
  const turns = Math.max(1, Math.ceil(leavingMs(leaves.length, drainMs) / LEAVING_EVERY_MS))
  const atOnce = Math.ceil(order.length / turns)
  const next = () => {
    for (const { leave } of order.splice(0, atOnce)) leave()
    // Whoever left unasked keeps no process waiting for their turn.
    if (order.length > 0) setTimeout(next, LEAVING_EVERY_MS).unref()
  }
  next()
}
