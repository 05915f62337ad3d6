import type { Suffered } from './cluster-run.ts'
import {
  type Counted,
  countEach,
  isUnanswered,
  REQUEST_KINDS,
  type RequestKind,
  wasRefusedFirst,
} from './cluster-tally.ts'

/** What clients met because of one act, or of what it left. */
export type ActSummary = Suffered & {
  requests: number
  refusedFirst: number
  codes: ReadonlyMap<string, number>
  unanswered: number
  /** Milliseconds from the act to the first answer to something asked after it; null where nothing was. */
  answeredAfterMs: Readonly<Record<RequestKind, number | null>>
}

const endOf = ({ startedAt, milliseconds }: Counted) => startedAt + milliseconds

function firstAnswer(kind: RequestKind, at: number, counted: readonly Counted[]): number | null {
  const ends = counted
    .filter((one) => one.kind === kind && one.isAnswered && one.startedAt >= at)
    .map(endOf)
  return ends.length === 0 ? null : Math.round(ends.reduce((a, b) => Math.min(a, b)) - at)
}

function summariseAct(
  act: Suffered,
  { own, counted }: { own: readonly Counted[]; counted: readonly Counted[] },
): ActSummary {
  const first = REQUEST_KINDS.map((kind) => [kind, firstAnswer(kind, act.at, counted)] as const)
  return {
    ...act,
    requests: own.length,
    refusedFirst: own.filter(wasRefusedFirst).length,
    codes: countEach(own.flatMap(({ refusals }) => refusals.slice(0, 1))),
    unanswered: own.filter(isUnanswered).length,
    answeredAfterMs: Object.fromEntries(first) as ActSummary['answeredAfterMs'],
  }
}

/** A request belongs to the last act that began before it ended. */
export function summariseActs(
  suffered: readonly Suffered[],
  counted: readonly Counted[],
): ActSummary[] {
  return suffered.map((act, index) => {
    const next = suffered[index + 1]?.at ?? Number.POSITIVE_INFINITY
    const own = counted.filter((one) => endOf(one) >= act.at && endOf(one) < next)
    return summariseAct(act, { own, counted })
  })
}
