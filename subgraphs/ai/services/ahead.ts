import type { Clock } from '#kernel/clock.ts'
import { isDomainError } from '#kernel/errors.ts'
import { createLoop, type Loop } from '#kernel/jobs/loop.ts'
import type { Logger } from '#kernel/log.ts'
import { pause } from '#kernel/time-limit.ts'
import { createHeldBack, type HeldBack } from './held-back.ts'
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
/** Refusals that say nothing of a single fixture: with them a look ends. */
const TROUBLES: ReadonlySet<string> = new Set([
  'MODEL_UNAVAILABLE',
  'SERVICE_ANSWER_INVALID',
  'SERVICE_TIMEOUT',
  'SERVICE_UNREACHABLE',
])

/** True unless the refusal is of the fixture alone. */
const endsLook = (failure: unknown, { isAlone }: { isAlone: boolean }): boolean => {
  if (!isDomainError(failure)) return true
  // Who was asked for one fixture alone, and answered, answers for others.
  if (isAlone && failure.code === 'SERVICE_ANSWER_INVALID') return false
  return TROUBLES.has(failure.code)
}

type Looking = { work: Work; heldBack: HeldBack }

/** Those of a page that the model has said nothing of. */
async function missingOf(ids: readonly string[], { work, heldBack }: Looking): Promise<string[]> {
  const { id: modelId } = await work.models.active()
  heldBack.changeTo(modelId)
  const predicted = await acrossTenantsPredicted(work.request, modelId, ids)
  return ids.filter((id) => !predicted.has(id))
}

/**
 * All are tried later again, also where it says nothing of them: one of them may be why, and those
 * after them have their turn first.
 * @throws what says nothing of a single fixture
 */
async function predict(ids: readonly string[], { work, heldBack }: Looking): Promise<void> {
  const tries = await Promise.allSettled(ids.map((id) => work.predictions.ofFixture(id)))
  const failed = tries.flatMap((tried, at) =>
    tried.status === 'rejected' ? [{ id: ids[at] ?? '', reason: tried.reason as unknown }] : [],
  )
  const isEnd = (reason: unknown) => endsLook(reason, { isAlone: ids.length === 1 })
  for (const { id, reason } of failed) {
    // Without a model nothing was tried.
    if (isDomainError(reason, 'MODEL_UNAVAILABLE')) continue
    heldBack.add(id, reason, { isAlone: isEnd(reason) })
  }
  const end = failed.find(({ reason }) => isEnd(reason))
  if (end) throw end.reason
}

/** Fixtures to be tried in one go; those that may spoil the answer for others one by one. */
function batchesOf(ids: readonly string[], { heldBack }: Looking): string[][] {
  const alone = ids.filter((id) => heldBack.isAlone(id))
  const others = ids.filter((id) => !heldBack.isAlone(id))
  const starts = Array.from({ length: Math.ceil(others.length / FIXTURES_AT_ONCE) }, (_, at) => at)
  const together = starts.map((at) =>
    others.slice(at * FIXTURES_AT_ONCE, (at + 1) * FIXTURES_AT_ONCE),
  )
  return [...together, ...alone.map((id) => [id])]
}

async function predictAll(ids: readonly string[], looking: Looking): Promise<void> {
  for (const batch of batchesOf(ids, looking)) {
    await predict(batch, looking)
    await pause(BREATH_MS, looking.work.request.signal)
  }
}

/** First what was never tried, as it is to begin; what is left of the look is for the others. */
async function look(looking: Looking): Promise<void> {
  const { work, heldBack } = looking
  const tried: string[] = []
  let left = MOST_IN_A_LOOK
  for await (const page of upcomingFixtures(work.request)) {
    const missing = await missingOf(page, looking)
    tried.push(...missing.filter((id) => !heldBack.isNew(id)))
    const fresh = missing.filter(heldBack.isNew).slice(0, left)
    await predictAll(fresh, looking)
    left -= fresh.length
    if (left === 0) return
  }
  await predictAll(heldBack.dueAmong(tried).slice(0, left), looking)
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
      await look({ work: open(ending.signal), heldBack })
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
