import type { ExecutionResult } from 'graphql'
import type { FilteredOperation } from '#gateway/access/filter-operation.ts'
import type { LoadedSupergraph } from '#gateway/engine/load-supergraph.ts'
import type { LiveWays, StreamSubgraph } from '#gateway/engine/subscribe.ts'
import { createFanOut, type FanOutDeps } from '#gateway/live/fan-out/fan-out.ts'
import { type Judge, noLongerValid } from '#gateway/live/fan-out/follow-swaps.ts'
import { inNameOf, sharedQuestionOf } from '#gateway/live/fan-out/shared-question.ts'
import type { SharedQuestion } from '#gateway/live/fan-out/shared-stream.ts'
import { createReaderStream, type ReaderStream } from '#gateway/live/reader-stream.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { anonymous, type Loaded, operationOf, silentLog } from './federated-world.ts'

/** Bounds that no test meets by accident. */
export const ROOMY = {
  ...{ events: 1000, characters: 1_000_000, states: 1000 },
  ...{ reopenMs: 200, firstDelayMs: 5, longestDelayMs: 20 },
}

export type FollowOptions = Partial<LiveWays> & {
  query?: string
  /** In place of the query: what is left of it. */
  operation?: FilteredOperation
  /** A stream of a subgraph, told in whose name it is opened. */
  stream?: (inWhoseName: Viewer, ...call: Parameters<StreamSubgraph>) => ReturnType<StreamSubgraph>
  viewer?: Viewer
  variables?: Record<string, unknown>
  resume?: unknown
  /** By default states are conflated where it lags. */
  conflateMs?: number | null
  /** Judges what it asked by another version. */
  judge?: (asked: SharedQuestion, ...call: Parameters<Judge>) => ReturnType<Judge>
}

function unopened(): never {
  throw new Error('nothing may be opened')
}

async function* once(answer: ExecutionResult): AsyncGenerator<ExecutionResult, undefined> {
  yield answer
  return undefined
}

/** Subscribers of one supergraph, which is never exchanged by default. */
export function createFollowers(
  loaded: LoadedSupergraph & Partial<Pick<Loaded, 'reached'>>,
  bounds: Partial<typeof ROOMY> = {},
  supergraph: FanOutDeps['supergraph'] = { current: () => loaded, onSwap: () => () => undefined },
) {
  const opened: number[] = []
  const fanOut = createFanOut({
    supergraph,
    bounds: { ...ROOMY, ...bounds },
    log: silentLog,
    counted: (open) => void opened.push(open),
  })
  const waysFor =
    (options: FollowOptions) =>
    (inWhoseName: Viewer): LiveWays => ({
      ...{ fetchSubgraph: loaded.reached?.fetchSubgraph ?? unopened, report: () => undefined },
      ...{ streamSubgraph: (...call) => options.stream?.(inWhoseName, ...call) ?? unopened() },
      ...options,
    })
  const follow = async (
    options: FollowOptions,
  ): Promise<ReaderStream | ReturnType<typeof once>> => {
    const {
      query = '',
      viewer = anonymous,
      variables = {},
      resume = null,
      conflateMs = 0,
      judge = async () => noLongerValid(),
    } = options
    const { question, answer } = await sharedQuestionOf({
      ...{ loaded, variables },
      inNameOf: (dependence) => inNameOf(dependence, viewer, { isOn: true, tellsWho: true }),
      operation: options.operation ?? loaded.authorise(operationOf(query), viewer),
      audience: {
        requestId: viewer.requestId,
        log: silentLog,
        worded: (answer) => answer,
        count: () => undefined,
      },
      waysOf: waysFor(options),
    })
    if (answer) return once(answer)
    const judged: Judge = (version) => judge(question, version)
    const wishes = { conflateMs, ended: () => undefined, judge: judged }
    const reader = await fanOut.follow({ asked: question, resume, ...wishes })
    return createReaderStream(reader, () => undefined)
  }
  return { follow, fanOut, opened }
}
