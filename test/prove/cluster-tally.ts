import type { Asked, AskedKind } from './kills-caller.ts'
import { hasHeld, type LineEnd, STOPPED } from './live-follower.ts'

export const REQUEST_KINDS = ['query', 'mutation', 'sign-in', 'subscribe'] as const
export type RequestKind = (typeof REQUEST_KINDS)[number]

/** One wish of a client, from its first try to what came of it. */
export type Counted = Omit<Asked, 'kind'> & { kind: RequestKind }

/** What all clients asked for, and the lines of all subscribers. */
export type RequestTally = {
  asked: (asked: Asked) => void
  lineEnded: (end: LineEnd) => void
  /** Everything so far; a subscription counts once its line has ended. */
  counted: () => readonly Counted[]
  /** How often lines that had held were ended by others, by why. */
  cuts: () => ReadonlyMap<string, number>
}

/** How long a client that may safely ask again does before it counts as not answered. */
export const PATIENCE_MS = 60_000

/** Whether nothing came in the time of a client's patience. */
export const isUnanswered = ({ isAnswered, milliseconds }: Counted): boolean =>
  !isAnswered || milliseconds > PATIENCE_MS

export const wasRefusedFirst = ({ refusals }: Counted): boolean => refusals.length > 0

/** The tries of one subscriber: those up to a line that held are one wish. */
function wishesOf(lines: readonly LineEnd[]): Counted[] {
  const wishes: Counted[] = []
  let refusals: string[] = []
  let startedAt: number | null = null
  for (const line of lines) {
    startedAt ??= line.startedAt
    const isHeld = hasHeld(line)
    if (!isHeld && line.why !== STOPPED) refusals.push(line.why)
    if (!isHeld || line.openedAt === null) continue
    const milliseconds = line.openedAt - startedAt
    wishes.push({ kind: 'subscribe', startedAt, milliseconds, isAnswered: true, refusals })
    refusals = []
    startedAt = null
  }
  if (startedAt === null || refusals.length === 0) return wishes
  const milliseconds = (lines.at(-1)?.endedAt ?? startedAt) - startedAt
  return [...wishes, { kind: 'subscribe', startedAt, milliseconds, isAnswered: false, refusals }]
}

/** How often each occurs, most often first. */
export function countEach(words: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return new Map([...counts].sort(([, left], [, right]) => right - left))
}

/** Counts from now on. */
export function createTally(): RequestTally {
  const asked: (Asked & { kind: AskedKind })[] = []
  const lines = new Map<string, LineEnd[]>()
  const all = () => [...lines.values()]
  return {
    asked: (one) => void asked.push(one),
    lineEnded: (end) => {
      const own = lines.get(end.name) ?? []
      own.push(end)
      lines.set(end.name, own)
    },
    counted: () => [...asked, ...all().flatMap(wishesOf)],
    cuts: () =>
      countEach(
        all()
          .flat()
          .filter((line) => hasHeld(line) && line.why !== STOPPED)
          .map(({ why }) => why),
      ),
  }
}

/** What a kind of requests came to; milliseconds. */
export type KindSummary = {
  kind: RequestKind
  requests: number
  refusedFirst: number
  /** Why first tries were none, by code. */
  codes: ReadonlyMap<string, number>
  /** All tries. */
  tries: number
  unanswered: number
  p50: number
  p99: number
  longest: number
}

/** The value below which a share of all lies. */
const quantile = (sorted: readonly number[], share: number) =>
  Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)

/** Sums one kind up. */
export function summarise(kind: RequestKind, counted: readonly Counted[]): KindSummary {
  const own = counted.filter((one) => one.kind === kind)
  const times = own.map(({ milliseconds }) => milliseconds).sort((left, right) => left - right)
  return {
    kind,
    requests: own.length,
    refusedFirst: own.filter(wasRefusedFirst).length,
    codes: countEach(own.flatMap(({ refusals }) => refusals.slice(0, 1))),
    tries: own.reduce((total, { refusals }) => total + refusals.length + 1, 0),
    unanswered: own.filter(isUnanswered).length,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    longest: quantile(times, 1),
  }
}
