import { LRUCache } from 'lru-cache'
import { growingTo } from '#kernel/cache-bounds.ts'
import type { Allowance, AllowanceBounds } from '#kernel/counters/allowance.ts'

/** Whether points were taken, and if not, when so many should be there. */
export type Taken =
  | { isTaken: true; left: number }
  | { isTaken: false; left: number; retryAfterSeconds: number }

/**
 * What those of one class may spend. A purse holds a slice of the allowance that all processes share,
 * and spends it without asking again.
 */
export type Purse = {
  readonly bounds: AllowanceBounds
  /** Answers at once where the slice suffices. */
  take: (subject: string, points: number) => Taken | Promise<Taken>
  /** What was reserved and not spent comes back; what was spent beyond it is taken as far as it is there. */
  settle: (subject: string, more: number) => void
}

export type PurseDeps = {
  allowance: Allowance
  bounds: AllowanceBounds
  /** A clock that only goes forward, in milliseconds. */
  now: () => number
  /** Told when points could not be given back or taken after the fact. */
  failed: (failure: unknown) => void
}

/** How long a slice may be spent: what is left of it then is forgotten, as it has come back by itself. */
const SLICE_MS = 1_000
const SLICES_OF_ALL = 50
/** For how long what comes back is gathered before all are told of it. */
const GATHER_MS = 50
const MOST_SUBJECTS = 50_000

type Slice = {
  held: number
  until: number
  /** What was left for all when the allowance was last asked, and when that was. */
  leftForAll: number
  askedAt: number
  asking: Promise<unknown> | null
  /** What comes back and does not fit in here, on its way to all. */
  back: number
}

type Spending = PurseDeps & { slices: LRUCache<string, Slice>; sliceOf: number }

/** No slice is more than comes back while it may be spent, so none that is forgotten is missed. */
const sliceSize = ({ most, perSecond }: AllowanceBounds): number =>
  Math.min(most / SLICES_OF_ALL, (perSecond * SLICE_MS) / 1000)

/** A purse for each subject of one class. */
export function createPurse(deps: PurseDeps): Purse {
  const spending: Spending = {
    ...deps,
    slices: new LRUCache(growingTo(MOST_SUBJECTS)),
    sliceOf: sliceSize(deps.bounds),
  }
  return {
    bounds: deps.bounds,
    take: (subject, points) => {
      const slice = sliceFor(spending, subject)
      return spend(spending, slice, points) ?? ask(spending, { subject, slice, points })
    },
    settle: (subject, more) => settle(spending, subject, more),
  }
}

function sliceFor({ slices, bounds, now }: Spending, subject: string): Slice {
  const at = now()
  const known = slices.get(subject)
  if (!known) {
    const slice = { held: 0, until: at, leftForAll: bounds.most, askedAt: at }
    const begun: Slice = { ...slice, asking: null, back: 0 }
    slices.set(subject, begun)
    return begun
  }
  if (at >= known.until) known.held = 0
  return known
}

/** What there should be now, for all: what was left, and what came back since. */
function leftOf({ bounds, now }: Spending, slice: Slice): number {
  const back = ((now() - slice.askedAt) / 1000) * bounds.perSecond
  return Math.min(bounds.most, slice.leftForAll + slice.held + slice.back + back)
}

function spend(spending: Spending, slice: Slice, points: number): Taken | null {
  if (slice.held < points) return null
  slice.held -= points
  return { isTaken: true, left: leftOf(spending, slice) }
}

/** More than ever stands there never comes: whoever asks for it is told of a full purse's time. */
function refused({ bounds }: Spending, left: number, points: number): Taken {
  const missing = Math.min(points, bounds.most) - left
  const seconds = Math.ceil(Math.max(missing, 1) / bounds.perSecond)
  return { isTaken: false, left, retryAfterSeconds: Math.max(1, seconds) }
}

type Asked = { subject: string; slice: Slice; points: number }

/** One question at a time for each subject; who waits looks again at what it brought. */
async function ask(spending: Spending, { subject, slice, points }: Asked): Promise<Taken> {
  while (slice.asking) {
    await slice.asking
    const taken = spend(spending, slice, points)
    if (taken) return taken
  }
  // A flood that was told so is not told again by all processes together.
  const left = leftOf(spending, slice)
  if (points > left && spending.now() - slice.askedAt < SLICE_MS)
    return refused(spending, left, points)
  const asking = fill(spending, { subject, slice, points })
  slice.asking = asking
  try {
    await asking
  } finally {
    slice.asking = null
  }
  const taken = spend(spending, slice, points)
  return taken ?? refused(spending, leftOf(spending, slice), points)
}

async function fill(spending: Spending, { subject, slice, points }: Asked): Promise<void> {
  const { allowance, now, sliceOf } = spending
  await giveBack(spending, subject, slice)
  const least = points - slice.held
  const { granted, left } = await allowance.take(subject, { least, most: least + sliceOf })
  const at = now()
  slice.held += granted
  slice.until = at + SLICE_MS
  slice.leftForAll = left
  slice.askedAt = at
}

function settle(spending: Spending, subject: string, more: number): void {
  const slice = sliceFor(spending, subject)
  if (more <= 0) {
    putBack(spending, { subject, slice, points: -more })
    return
  }
  const { allowance, failed } = spending
  const held = Math.min(slice.held, more)
  slice.held -= held
  if (more > held) allowance.take(subject, { least: 0, most: more - held }).catch(failed)
}

/** The slice is filled up, and the rest goes back to all, gathered for a moment. */
function putBack(spending: Spending, { subject, slice, points }: Asked): void {
  const isFresh = spending.now() < slice.until
  const kept = isFresh ? Math.min(points, Math.max(0, spending.sliceOf - slice.held)) : 0
  slice.held += kept
  if (points === kept) return
  const isOnItsWay = slice.back > 0
  slice.back += points - kept
  if (isOnItsWay) return
  const later = () => void giveBack(spending, subject, slice).catch(spending.failed)
  setTimeout(later, GATHER_MS).unref()
}

async function giveBack({ allowance }: Spending, subject: string, slice: Slice): Promise<void> {
  const points = slice.back
  if (points === 0) return
  slice.back = 0
  slice.leftForAll += points
  await allowance.giveBack(subject, points)
}
