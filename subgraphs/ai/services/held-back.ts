import { LRUCache } from 'lru-cache'
import type { Clock } from '#kernel/clock.ts'
import { isDomainError } from '#kernel/errors.ts'
import type { Logger } from '#kernel/log.ts'

/** A fixture that cannot be predicted is tried again after this time: it may be priced by then. */
const FIRST_WAIT_MS = 15_000
/** Each further wait is twice as long, up to this one. */
const LONGEST_WAIT_MS = 900_000
/** Such fixtures that a process remembers, twice as many as it looks at. */
const MOST_KEPT = 10_000

type Held = {
  code: string
  until: number
  waitMs: number
  /** It, or one beside it, spoilt the answer for all that were asked for with it. */
  isAlone: boolean
}

const codeOf = (failure: unknown) =>
  isDomainError(failure) ? failure.code : 'INTERNAL_SERVER_ERROR'

export type HeldBack = ReturnType<typeof createHeldBack>

/** Fixtures that could not be predicted, each with why, told once, and when it is tried again. */
export function createHeldBack({ clock, log }: { clock: Clock; log: Logger }) {
  const held = new LRUCache<string, Held>({ max: MOST_KEPT })
  let model: string | null = null
  const now = () => clock.now().getTime()
  const untilOf = (id: string) => held.peek(id)?.until ?? 0
  return {
    /** What one model cannot judge, another may: with it all are new. */
    changeTo: (modelId: string): void => {
      if (model !== modelId) held.clear()
      model = modelId
    },
    isNew: (id: string): boolean => !held.has(id),
    /** Of fixtures that could not be predicted, those to be tried again, the longest due first. */
    dueAmong: (ids: readonly string[]): string[] =>
      ids
        .filter((id) => (held.get(id)?.until ?? Number.POSITIVE_INFINITY) <= now())
        .sort((one, other) => untilOf(one) - untilOf(other)),
    isAlone: (id: string): boolean => held.peek(id)?.isAlone ?? false,
    add: (id: string, failure: unknown, { isAlone }: { isAlone: boolean }): void => {
      const [code, before] = [codeOf(failure), held.get(id)]
      if (before?.code !== code) {
        log.info({ code, fixture: id }, 'a fixture has no prediction yet')
      }
      const waitMs = before ? Math.min(before.waitMs * 2, LONGEST_WAIT_MS) : FIRST_WAIT_MS
      held.set(id, { code, isAlone, waitMs, until: now() + waitMs })
    },
  }
}
