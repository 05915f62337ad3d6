import type { Clock } from '#kernel/clock.ts'
import { analyticsError } from '../../errors.ts'
import type { FeedDraft, FeedSource } from './feed.ts'
import { readAnswer } from './http-answer.ts'
import { type FetchFailure, fetchJson } from './http-fetch.ts'
import { positionAfter } from './positions.ts'
import type { Sleep } from './sleep.ts'

const NAME = 'odds-api'

/** How often and how patiently the provider is asked. */
export const HTTP_LIMITS = {
  intervalMs: 60_000,
  timeoutMs: 10_000,
  maxBytes: 8 * 1024 * 1024,
  /** Requests per poll, the first included. */
  attempts: 3,
  firstBackoffMs: 1_000,
  /** A longer Retry-After ends the poll; the next one waits for it. */
  longestBackoffMs: 60_000,
  /** Failed polls in a row double the pause, at most so many times. */
  doublings: 4,
} as const

export type HttpLimits = { readonly [Name in keyof typeof HTTP_LIMITS]: number }

export type HttpFeedSettings = {
  /** "https://api.the-odds-api.com"; a path is kept, credentials are refused. */
  readonly baseUrl: string
  readonly apiKey: string
  /** A sport's key, such as "soccer_epl". */
  readonly sport: string
  readonly regions: readonly string[]
  readonly markets: readonly string[]
  readonly limits?: Partial<HttpLimits>
}

export type HttpFeedDeps = { readonly clock: Clock; readonly sleep: Sleep }

/**
 * Polls The Odds API v4, or whatever speaks its format. Every price of every answer is told; a game when first
 * seen and when its kick-off moves. What fails is told as a rejection and the polling goes on, ever more slowly.
 * Positions go on counting after the one given: a live feed cannot be replayed.
 * @throws FEED_SETTING_INVALID at once for a setting that can never work
 */
export function createHttpFeedSource(settings: HttpFeedSettings, deps: HttpFeedDeps): FeedSource {
  const limits = limitsOf(settings)
  const url = buildUrl(settings)
  return {
    name: NAME,
    isSimulated: false,
    isEndless: true,
    timing: 'live',
    identify: async () => `${NAME}:${url.host}${url.pathname}`,
    events: async function* (request) {
      let position = positionAfter(request)
      for await (const draft of poll({ url, limits, signal: request.signal }, deps)) {
        position += 1
        yield { ...draft, position }
      }
    },
  }
}

type Polling = { readonly url: URL; readonly limits: HttpLimits; readonly signal: AbortSignal }

async function* poll(polling: Polling, deps: HttpFeedDeps): AsyncGenerator<FeedDraft> {
  const { limits, signal } = polling
  const known = createKnownGames()
  let failures = 0
  while (!signal.aborted) {
    const { drafts, isFailed, retryAfterMs } = await pollOnce(polling, deps)
    failures = isFailed ? failures + 1 : 0
    for (const draft of isFailed ? drafts : known.withoutRepeats(drafts)) {
      if (signal.aborted) return
      yield draft
    }
    const pauseMs = limits.intervalMs * 2 ** Math.min(failures, limits.doublings)
    await deps.sleep(Math.max(pauseMs, retryAfterMs), signal)
  }
}

type Poll = {
  readonly drafts: readonly FeedDraft[]
  readonly isFailed: boolean
  readonly retryAfterMs: number
}

async function pollOnce(polling: Polling, { clock, sleep }: HttpFeedDeps): Promise<Poll> {
  const { url, limits, signal } = polling
  const request = { url, signal, now: clock.now, ...limits }
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await fetchJson(request)
    if (signal.aborted) return { drafts: [], isFailed: true, retryAfterMs: 0 }
    if ('json' in outcome) {
      const { drafts, isValid } = readAnswer(outcome.json, { source: NAME, at: clock.now() })
      return { drafts, isFailed: !isValid, retryAfterMs: 0 }
    }
    const { failure } = outcome
    const waitMs = Math.max(limits.firstBackoffMs * 2 ** (attempt - 1), failure.retryAfterMs)
    const isLast = attempt >= limits.attempts || waitMs > limits.longestBackoffMs
    if (!failure.isTransient || isLast) return failed(failure, clock.now())
    await sleep(waitMs, signal)
  }
}

function failed({ code, reason, retryAfterMs }: FetchFailure, at: Date): Poll {
  const draft: FeedDraft = { kind: 'rejected', source: NAME, code, line: null, reason, at }
  return { drafts: [draft], isFailed: true, retryAfterMs }
}

/** Remembers the games of the last answer only, so it never outgrows an answer. */
function createKnownGames() {
  let known = new Map<string, number>()
  return {
    withoutRepeats: (drafts: readonly FeedDraft[]): FeedDraft[] => {
      const before = known
      known = new Map()
      return drafts.filter((draft) => {
        if (draft.kind !== 'fixture') return true
        const startsAt = draft.fixture.startsAt.getTime()
        known.set(draft.fixture.externalId, startsAt)
        return before.get(draft.fixture.externalId) !== startsAt
      })
    },
  }
}

function limitsOf(settings: HttpFeedSettings): HttpLimits {
  const limits = { ...HTTP_LIMITS, ...settings.limits }
  const isCountable = (limit: number) => Number.isSafeInteger(limit) && limit > 0
  return Object.values(limits).every(isCountable) ? limits : invalid('limits')
}

const KEY_NAME = /^[a-z0-9_]{1,64}$/

function buildUrl({ baseUrl, apiKey, sport, regions, markets }: HttpFeedSettings): URL {
  const base = URL.canParse(baseUrl) ? new URL(baseUrl) : invalid('baseUrl')
  const isPlain = base.username === '' && base.password === '' && base.search === ''
  if (!/^https?:$/.test(base.protocol) || !isPlain) invalid('baseUrl')
  if (!/^[\x21-\x7e]{1,200}$/.test(apiKey)) invalid('apiKey')
  if (!KEY_NAME.test(sport)) invalid('sport')
  if (regions.length === 0 || !regions.every((region) => KEY_NAME.test(region))) invalid('regions')
  if (markets.length === 0 || !markets.every((market) => KEY_NAME.test(market))) invalid('markets')
  const url = new URL(`${base.href.replace(/\/+$/, '')}/v4/sports/${sport}/odds`)
  url.search = new URLSearchParams({
    apiKey,
    regions: regions.join(','),
    markets: markets.join(','),
    oddsFormat: 'decimal',
  }).toString()
  return url
}

function invalid(setting: keyof HttpFeedSettings): never {
  throw analyticsError('FEED_SETTING_INVALID', { setting })
}
