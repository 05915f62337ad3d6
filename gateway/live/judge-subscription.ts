import { setTimeout as pause } from 'node:timers/promises'
import { type DocumentNode, validate } from 'graphql'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { isDomainError } from '#kernel/errors.ts'
import type { FilteredOperation } from '../access/filter-operation.ts'
import type { LiveWays } from '../engine/subscribe.ts'
import type { Metrics } from '../metrics.ts'
import { wordedAnswer } from '../plugins/worded-answer.ts'
import type { GatewaySettings } from '../settings.ts'
import type { LoadedSupergraph } from '../supergraph.ts'
import { type WaysDeps, waysTo } from '../transport/ways-to-subgraphs.ts'
import { type Judge, noLongerValid } from './fan-out/follow-swaps.ts'
import { inNameOf, sharedQuestionOf } from './fan-out/shared-question.ts'
import { lastWord } from './last-word.ts'

/** All that is kept of a subscription as it was asked. */
export type AskedBy = {
  document: DocumentNode
  operationName: string | null | undefined
  variables: Readonly<Record<string, unknown>>
  viewer: Viewer
  requestId: string
  traceparent: string | undefined
  seeEvent: LiveWays['seeEvent']
}

export type JudgeDeps = WaysDeps & {
  settings: GatewaySettings
  metrics: Pick<Metrics, 'countError'>
}

/** What somebody asks of a version, of what they may ask there. Throws what planning refuses. */
export function questionBy(
  deps: JudgeDeps,
  asked: AskedBy,
  { loaded, operation }: { loaded: LoadedSupergraph; operation: FilteredOperation },
) {
  const { variables, viewer, requestId, traceparent, seeEvent } = asked
  const { settings, log, subgraphs, metrics } = deps
  const sharing = { isOn: settings.sharing, tellsWho: subgraphs.tellsWho }
  return sharedQuestionOf({
    ...{ loaded, operation, variables },
    inNameOf: (dependence) => inNameOf(dependence, viewer, sharing),
    waysOf: (inName) => ({
      ...waysTo(deps, loaded, { viewer: inName, requestId, traceparent }),
      seeEvent,
    }),
    audience: {
      requestId,
      log,
      count: metrics.countError,
      worded: (answer) => wordedAnswer(settings, answer),
    },
  })
}

const validIn = new WeakMap<LoadedSupergraph, WeakMap<DocumentNode, boolean>>()

function isValid(loaded: LoadedSupergraph, document: DocumentNode): boolean {
  const known = validIn.get(loaded) ?? new WeakMap<DocumentNode, boolean>()
  validIn.set(loaded, known)
  const verdict =
    known.get(document) ??
    validate(loaded.apiSchema, document, undefined, { maxErrors: 1 }).length === 0
  known.set(document, verdict)
  return verdict
}

/** Judges a running subscription by another version, with all that a new one is judged by. */
export function createJudge(deps: JudgeDeps, asked: AskedBy): Judge {
  const judge: Judge = async (loaded) => {
    const { document, operationName, viewer } = asked
    if (!isValid(loaded, document)) return noLongerValid()
    const granted = await loaded.policiesFor({ document, operationName }, viewer)
    const operation = loaded.authorise({ document, operationName }, viewer, granted)
    // The next version is planned for what runs, too.
    loaded.hot.note(operation, { asked: { document, operationName }, viewer, uses: 1 })
    const isRejected = deps.settings.access.mode === 'reject' && operation.removedPaths.length > 0
    if (isRejected) return noLongerValid()
    const { question } = await patiently(() => questionBy(deps, asked, { loaded, operation }))
    return question ?? noLongerValid()
  }
  return async (loaded) => {
    try {
      return await judge(loaded)
    } catch (failure) {
      if (isDomainError(failure)) return { last: lastWord(failure) }
      deps.log.error({ err: failure }, 'a subscription was not judged')
      return noLongerValid()
    }
  }
}

/** After an exchange many are planned at once, and only so many may wait: the others try again. */
const TRIES = 40
const AGAIN_AFTER_MS = 250

async function patiently<Result>(plan: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await plan()
    } catch (failure) {
      if (tries === TRIES || !isDomainError(failure, 'PLANNING_OVERLOADED')) throw failure
      await pause(AGAIN_AFTER_MS, undefined, { ref: false })
    }
  }
}
