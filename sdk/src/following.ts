import { wait } from './calls.ts'
import { type Ending, judge, type Verdict } from './endings.ts'
import { clientError, type DbsbmError, isDbsbmError, platformError } from './errors.ts'
import type { Inbox } from './inbox.ts'
import { pauseBefore } from './retries.ts'
import type { Socket } from './socket.ts'
import { type FeedEvent, type Message, readMessage } from './subscription-messages.ts'
import type { TokenSource } from './tokens.ts'

/** How a subscription stands. */
export type FeedState =
  /** Nothing has come yet, and no connection stands. */
  | 'connecting'
  /** What happens is told as it happens. */
  | 'live'
  /** Cut off; what is missed meanwhile comes afterwards. */
  | 'stale'
  /** Told to come back later, and coming. */
  | 'waiting'
  /** The reader has as many events before it as may wait. */
  | 'paused'
  | 'ended'

/** What following one subscription needs. */
export type FollowingDeps = {
  readonly socket: Socket
  readonly tokens: TokenSource
  readonly inbox: Inbox<FeedEvent<unknown>>
  readonly question: { readonly query: string; readonly variables?: Record<string, unknown> }
  /** `resume`, `orLive`, `conflateMs` as the platform takes them; the cursor is kept up to date here. */
  readonly extensions: Record<string, unknown>
  readonly takesPartial: boolean
  readonly tell: (state: FeedState, failure: DbsbmError | null) => void
  readonly stopped: AbortSignal
}

type End = { by: 'complete' } | { by: 'full' } | { by: 'event'; failure: DbsbmError } | Ending

/** A try that ran so long was no failure of the same kind as the one before. */
const STEADY_MILLISECONDS = 10_000
const LONGEST_WAIT = 120_000

/** Follows until the reader has had enough, the stream is over, or something has to be told to the reader. */
export async function follow(deps: FollowingDeps): Promise<void> {
  const { inbox, tell, stopped, extensions } = deps
  const run = createRun(deps)
  while (!stopped.aborted) {
    const end = await run.once()
    if (stopped.aborted) return
    if (end.by === 'complete') return inbox.end()
    if (end.by === 'event') return inbox.end(end.failure)
    if (end.by === 'full') {
      if (typeof extensions.resume !== 'string') return inbox.end(clientError('LISTENER_TOO_SLOW'))
      tell('paused', null)
      await inbox.freed()
      continue
    }
    const verdict = run.count(judge(end))
    if (verdict.next === 'end') return inbox.end(verdict.failure)
    const refusal = await run.prepare(verdict)
    if (refusal) return inbox.end(refusal)
  }
}

function createRun(deps: FollowingDeps) {
  const { socket, tell, stopped } = deps
  const progress = { startedAt: 0, tries: 0, doubts: 0, hasBeenLive: false }
  const listen = createListening(deps, progress)
  return {
    async once(): Promise<End> {
      progress.startedAt = Date.now()
      if (!socket.isConnected()) tell(progress.hasBeenLive ? 'stale' : 'connecting', null)
      try {
        await socket.prepare()
      } catch (failure) {
        return { by: 'failure', failure }
      }
      return stopped.aborted ? { by: 'complete' } : listen()
    },
    /** A second doubtful ending in a row is an end. */
    count(verdict: Verdict): Verdict {
      if (Date.now() - progress.startedAt >= STEADY_MILLISECONDS) {
        progress.tries = 0
        progress.doubts = 0
      }
      const isDoubtful = verdict.next === 'renew' || verdict.next === 'anew'
      progress.doubts = isDoubtful ? progress.doubts + 1 : progress.doubts
      return progress.doubts > 1 ? { ...verdict, next: 'end' } : verdict
    },
    /** Waits for the moment to come back; what it returns refuses that. */
    async prepare({ next, failure }: Verdict): Promise<DbsbmError | null> {
      tell(failure.retryAfter === null ? 'stale' : 'waiting', failure)
      if (next === 'renew') {
        const refusal = await renewed(deps, failure)
        if (refusal !== 'later') return refusal
        // The same token has to do meanwhile: that it is refused again says nothing new.
        progress.doubts = 0
      }
      const pause = Math.min(pauseBefore(progress.tries++, failure), LONGEST_WAIT)
      await wait(pause, stopped)
      return null
    },
  }
}

/** Null where there is another token, `later` where that cannot be said at the moment. */
async function renewed(
  { socket, tokens }: FollowingDeps,
  failure: DbsbmError,
): Promise<DbsbmError | null | 'later'> {
  const used = socket.tokenUsed()
  try {
    const other = used === null ? null : await tokens.renew(used)
    return other === null ? failure : null
  } catch (refusal) {
    const { next } = judge({ by: 'failure', failure: refusal })
    if (next === 'resume') return 'later'
    if (isDbsbmError(refusal)) return refusal
    throw refusal
  }
}

type Progress = { tries: number; doubts: number; hasBeenLive: boolean }

function createListening(deps: FollowingDeps, progress: Progress): () => Promise<End> {
  const { socket, inbox, extensions, question, takesPartial, tell } = deps
  let mayHaveMissed = false

  const live = () => {
    progress.hasBeenLive = true
    tell('live', null)
  }

  const deliver = ({ data, errors, cursor, ...rest }: Message): End | null => {
    const failure = errors.length > 0 ? platformError(errors) : null
    if (failure && (!takesPartial || data === null)) return { by: 'event', failure }
    // Without a cursor to come back to, nobody knows what was told meanwhile.
    const unknown = mayHaveMissed ? { recovered: false } : {}
    inbox.put({ data, cursor, ...rest, ...unknown, ...(takesPartial && { failure }) })
    mayHaveMissed = false
    Object.assign(progress, { tries: 0, doubts: 0 })
    if (cursor !== null) extensions.resume = cursor
    return inbox.isFull ? { by: 'full' } : null
  }

  return () => {
    mayHaveMissed ||= progress.hasBeenLive && typeof extensions.resume !== 'string'
    const { promise, resolve } = Promise.withResolvers<End>()
    let lastWord: Message | null = null
    let isOver = false
    let stop = () => {}
    const end = (how: End) => {
      if (isOver) return
      isOver = true
      stop()
      forget()
      deps.stopped.removeEventListener('abort', abandon)
      resolve(how)
    }
    const abandon = () => end({ by: 'complete' })
    const take = (message: Message) => {
      const ending = deliver(message)
      if (ending) end(ending)
    }
    const forget = socket.onConnected(live)
    deps.stopped.addEventListener('abort', abandon, { once: true })
    if (socket.isConnected()) live()
    stop = socket.subscribe(
      { ...question, extensions },
      {
        next(payload) {
          if (isOver) return
          const message = readMessage(payload)
          if (lastWord) take(lastWord)
          lastWord = message.errors.length > 0 && message.cursor === null ? message : null
          if (!lastWord) take(message)
        },
        error: (failure) => end({ by: 'failure', failure }),
        complete: () =>
          end(
            lastWord ? { by: 'errors', errors: lastWord.errors, hasRun: true } : { by: 'complete' },
          ),
      },
    )
    return promise
  }
}
