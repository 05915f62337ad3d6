import type { Alert } from '../../entities/alert.ts'
import { type Counted, findBurst } from './burst.ts'

/** An alert as far as counting goes; without id it is not written yet. */
export type Tally = Pick<Alert, 'count' | 'firstEntryId' | 'lastEntryId' | 'lastEntryAt'> & {
  id: string | null
  isAcknowledged: boolean
}

export type Replay = {
  /** The rule's newest alert, or null. */
  newest: Tally | null
  /** Entries of before that the rule matches and no alert counted. */
  earlier: readonly Counted[]
  /** What was appended since, in that order; the rule matches all of it. */
  entries: readonly Counted[]
  threshold: number
  windowMs: number
}

/** What follows: the newest alert if it goes on, and new ones as they were raised and as they stand. */
export type Consequences = { goesOn: Tally | null; raised: { first: Tally; now: Tally }[] }

const isWithin = (left: Date, right: Date, windowMs: number) =>
  Math.abs(left.getTime() - right.getTime()) < windowMs

/** The alert with one entry more. */
const plusOne = (alert: Tally, { id, at }: Counted): Tally => ({
  ...alert,
  count: alert.count + 1,
  lastEntryId: id,
  lastEntryAt: at > alert.lastEntryAt ? at : alert.lastEntryAt,
})

function tallyOf(run: readonly Counted[], entry: Counted): Tally {
  const [first, last] = [run[0] ?? entry, run.at(-1) ?? entry]
  const ends = { firstEntryId: first.id, lastEntryId: last.id, lastEntryAt: last.at }
  return { ...ends, id: null, isAcknowledged: false, count: run.length }
}

/** Counts entry by entry, as if each had been looked at when it was appended; it asks nobody. */
export function replay({ newest, earlier, entries, ...rule }: Replay): Consequences {
  const { threshold, windowMs } = rule
  const raised: Consequences['raised'] = []
  let standing = newest
  let goesOn: Tally | null = null
  let uncounted = [...earlier]
  for (const entry of entries) {
    const isOpen = standing !== null && !standing.isAcknowledged
    if (standing && isOpen && isWithin(entry.at, standing.lastEntryAt, windowMs)) {
      standing = plusOne(standing, entry)
      const last = raised.at(-1)
      if (last) last.now = standing
      else goesOn = standing
      continue
    }
    uncounted.push(entry)
    const around = uncounted.filter(({ at }) => isWithin(at, entry.at, windowMs))
    const run = around.length < threshold ? null : findBurst(around, { ...rule, id: entry.id })
    if (!run) continue
    standing = tallyOf(run, entry)
    raised.push({ first: standing, now: standing })
    const after = BigInt(standing.lastEntryId)
    uncounted = uncounted.filter(({ id }) => BigInt(id) > after)
  }
  return { goesOn, raised }
}
