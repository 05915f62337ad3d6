import { LRUCache } from 'lru-cache'
import type { Clock } from '#kernel/clock.ts'
import { isDomainError } from '#kernel/errors.ts'
import { createLoop, type Loop } from '#kernel/jobs/loop.ts'
import type { Logger } from '#kernel/log.ts'
import { pause } from '#kernel/service/time-limit.ts'
import type { Models } from './models.ts'
import type { Predictions } from './predictions.ts'
import type { AiRequest } from './request.ts'
import { acrossTenantsPredicted } from './stored-predictions.ts'
import { upcomingFixtures } from './upcoming-fixtures.ts'

/** What a request of ai's own works with. */
export type Work = { request: AiRequest; models: Models; predictions: Predictions }

/** When fixtures are looked for. */
export type AheadPace = {
  /** After the start: the platform is to answer first. */
  firstMs: number
  /** After each look. */
  everyMs: number
}
export const AHEAD_PACE: AheadPace = { firstMs: 2_000, everyMs: 5_000 }

export type AheadDeps = {
  clock: Clock
  log: Logger
  /** Ends with the signal. */
  open: (signal: AbortSignal) => Work
  pace: AheadPace
}

/** Predictions made in one go, and the pause after it, in which others have their turn. */
const FIXTURES_AT_ONCE = 10
const BREATH_MS = 20
/** Predictions made in one look; the others have to wait for the next. */
const MOST_IN_A_LOOK = 500
/** A fixture that cannot be predicted is tried again after this time: it may be priced by then. */
const RETRY_MS = 15_000
/** Such fixtures that a process remembers; one more costs a try at each look. */
const HELD_BACK_KEPT = 10_000

/** Refusals that say nothing of the fixture: with them a look ends. */
const TROUBLES: ReadonlySet<string> = new Set([
  'MODEL_UNAVAILABLE',
  'SERVICE_ANSWER_INVALID',
  'SERVICE_TIMEOUT',
  'SERVICE_UNREACHABLE',
])
const isTrouble = (failure: unknown) => isDomainError(failure) && TROUBLES.has(failure.code)

/** Fixtures that could not be predicted, each with why, told once, and when it is tried again. */
function createHeldBack({ clock, log }: AheadDeps) {
  const held = new LRUCache<string, { code: string; until: number }>({ max: HELD_BACK_KEPT })
  return {
    includes: (id: string) => (held.get(id)?.until ?? 0) > clock.now().getTime(),
    add: (id: string, failure: unknown): void => {
      const code = isDomainError(failure) ? failure.code : 'INTERNAL_SERVER_ERROR'
      if (held.get(id)?.code !== code) {
        log.info({ code, fixture: id }, 'a fixture has no prediction yet')
      }
      held.set(id, { code, until: clock.now().getTime() + RETRY_MS })
    },
  }
}
type HeldBack = ReturnType<typeof createHeldBack>

/** Those of a page that the model has said nothing of. */
async function missingOf(ids: readonly string[], { request, models }: Work): Promise<string[]> {
  const { id: modelId } = await models.active()
  const predicted = await acrossTenantsPredicted(request, modelId, ids)
  return ids.filter((id) => !predicted.has(id))
}

/** @throws what says nothing of the fixtures themselves; they are tried again later all the same */
async function predict(ids: readonly string[], { predictions }: Work, heldBack: HeldBack) {
  const tries = await Promise.allSettled(ids.map((id) => predictions.ofFixture(id)))
  for (const [at, tried] of tries.entries()) {
    if (tried.status === 'rejected' && !isTrouble(tried.reason)) {
      heldBack.add(ids[at] ?? '', tried.reason)
    }
  }
  const failed = tries.find(
    (tried) =>
      tried.status === 'rejected' && (isTrouble(tried.reason) || !isDomainError(tried.reason)),
  )
  if (failed?.status === 'rejected') throw failed.reason
}

async function look(work: Work, heldBack: HeldBack): Promise<void> {
  let left = MOST_IN_A_LOOK
  for await (const page of upcomingFixtures(work.request)) {
    const missing = await missingOf(page, work)
    const due = missing.filter((id) => !heldBack.includes(id)).slice(0, left)
    for (let start = 0; start < due.length; start += FIXTURES_AT_ONCE) {
      await predict(due.slice(start, start + FIXTURES_AT_ONCE), work, heldBack)
      await pause(BREATH_MS, work.request.signal)
    }
    left -= due.length
    if (left === 0) return
  }
}

/** Says once when nothing can be predicted, why, and when it can be again. */
function createTroubles(log: Logger) {
  let code: string | null = null
  return {
    over: (): void => {
      if (code !== null) log.info({ code }, 'predictions are made ahead again')
      code = null
    },
    /** @throws what is no refusal */
    note: (failure: unknown): void => {
      if (!isDomainError(failure)) throw failure
      if (failure.code !== code) {
        log.warn({ err: failure, code: failure.code }, 'no predictions are made ahead')
      }
      code = failure.code
    },
  }
}

/**
 * Makes the predictions of upcoming fixtures that the active model has said nothing of: those that
 * became known, and all of them after a restart or a change of model. Nobody has to ask first. It
 * works in small batches, ends between two of them, and goes on from what is stored.
 */
export function createAhead(deps: AheadDeps): Pick<Loop, 'start' | 'stop'> {
  const { log, open, pace } = deps
  const ending = new AbortController()
  const heldBack = createHeldBack(deps)
  const troubles = createTroubles(log)
  const round = async () => {
    try {
      await look(open(ending.signal), heldBack)
      troubles.over()
    } catch (failure) {
      // What was under way when it was stopped is made after the next start.
      if (!ending.signal.aborted) troubles.note(failure)
    }
  }
  const loop = createLoop({ name: 'ai-ahead', round, pauseMilliseconds: pace.everyMs, log })
  let first: NodeJS.Timeout | undefined
  return {
    start: () => {
      first = setTimeout(loop.start, pace.firstMs).unref()
    },
    stop: async () => {
      clearTimeout(first)
      ending.abort(new Error('ai stops'))
      await loop.stop()
    },
  }
}
