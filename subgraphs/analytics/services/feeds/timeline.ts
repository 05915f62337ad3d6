import { analyticsError } from '../../errors.ts'

/** Maps an original instant to its place in a replay. Never turns the order of two instants around. */
export type Timeline = (instant: Date) => Date

export type TimelineSettings = {
  /** Where the first instant of the original lands. */
  readonly anchor: Date
  /** Original time per replay time: 60 plays an hour in a minute. */
  readonly speed: number
  /** Original gaps without any event are cut to this; null keeps them. */
  readonly maxGapMs: number | null
}

const FASTEST = 1_000_000_000

/** @throws FEED_SETTING_INVALID for a speed or gap that is not positive */
export function checkTimeline({ speed, maxGapMs, anchor }: TimelineSettings): void {
  if (!(speed > 0 && speed <= FASTEST))
    throw analyticsError('FEED_SETTING_INVALID', { setting: 'speed' })
  if (maxGapMs !== null && !(maxGapMs > 0)) {
    throw analyticsError('FEED_SETTING_INVALID', { setting: 'maxGapMs' })
  }
  if (Number.isNaN(anchor.getTime())) {
    throw analyticsError('FEED_SETTING_INVALID', { setting: 'anchor' })
  }
}

/**
 * A piecewise linear map through all instants where something happens: a gap longer than `maxGapMs` shrinks to
 * it, and an instant inside keeps its share of it. Before the first and after the last nothing is cut.
 * Depends on its arguments alone, so a replay that was killed lands on the same times again.
 */
export function createTimeline(instants: Iterable<number>, settings: TimelineSettings): Timeline {
  checkTimeline(settings)
  const originals = Float64Array.from(new Set(instants)).sort()
  const played = playedTimes(originals, settings.maxGapMs ?? Number.POSITIVE_INFINITY)
  const anchor = settings.anchor.getTime()
  return (instant) => {
    const elapsed = elapsedAt(instant.getTime(), originals, played)
    return new Date(Math.round(anchor + elapsed / settings.speed))
  }
}

/** Time from the first instant to each, after cutting. */
function playedTimes(originals: Float64Array, maxGapMs: number): Float64Array {
  const played = new Float64Array(originals.length)
  for (let index = 1; index < originals.length; index += 1) {
    const gap = (originals[index] ?? 0) - (originals[index - 1] ?? 0)
    played[index] = (played[index - 1] ?? 0) + Math.min(gap, maxGapMs)
  }
  return played
}

function elapsedAt(time: number, originals: Float64Array, played: Float64Array): number {
  const next = firstAtOrAfter(originals, time)
  const beforeOriginal = originals[next - 1]
  const nextOriginal = originals[next]
  if (nextOriginal === undefined) {
    const overtime = beforeOriginal === undefined ? 0 : time - beforeOriginal
    return (played[next - 1] ?? 0) + overtime
  }
  if (beforeOriginal === undefined) return time - nextOriginal
  const share = (time - beforeOriginal) / (nextOriginal - beforeOriginal)
  const from = played[next - 1] ?? 0
  return from + share * ((played[next] ?? 0) - from)
}

function firstAtOrAfter(sorted: Float64Array, value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? 0) < value) low = middle + 1
    else high = middle
  }
  return low
}
