import { deriveServiceKeys } from '#kernel/auth/service-keys.ts'
import { mintServiceToken, SERVICE_TOKEN_HEADER } from '#kernel/auth/service-token.ts'
import { anonymousViewer, type Reach, type Viewer } from '#kernel/auth/viewer.ts'
import { createManualClock } from '#kernel/clock.ts'
import { newOperatorKeyText, parseOperatorKeys } from '#kernel/crypto/operator-key.ts'
import { createRingFront } from '#kernel/events/ring-front.ts'
import { createSeededRandomness, systemRandomness } from '#kernel/ids.ts'
import { openService } from '#kernel/serve/open-service.ts'
import type { SubgraphDeps } from '#kernel/service/subgraph.ts'
import { Fixture } from '#subgraphs/analytics/entities/fixture.ts'
import { Market } from '#subgraphs/analytics/entities/market.ts'
import { Selection } from '#subgraphs/analytics/entities/selection.ts'
import { createFeedRuns } from '#subgraphs/analytics/services/feed-runs.ts'
import type { FeedDraft, FeedEvent, FeedSource } from '#subgraphs/analytics/services/feeds/feed.ts'
import { createFeedMemory } from '#subgraphs/analytics/services/ingestion/feed-memory.ts'
import { type Intake, storeBatch } from '#subgraphs/analytics/services/ingestion/store-batch.ts'
import { createSettlement } from '#subgraphs/analytics/services/settlement/settlement.ts'
import { analytics } from '#subgraphs/analytics/subgraph.ts'
import { silentLog } from '../kit/database.ts'
import type { Answer, StoryMatch } from './season-bets-story.ts'
import { nameOf } from './season-bets-world.ts'

const keys = deriveServiceKeys(Buffer.alloc(32, 7))
const LARGEST_BATCH = 200

/** Amounts to which compliance says no, and to which it answers nothing that can be understood. */
export const isRefused = (amount: bigint) => amount % 1_000n === 777n
export const isUnanswered = (amount: bigint) => amount % 1_000n === 778n

export type Asker = { userId: string; reach: Reach; scopes: readonly string[] }

const viewerOf = ({ userId, reach, scopes }: Asker): Viewer => ({
  ...anonymousViewer('season-bets'),
  kind: 'user',
  ...{ userId, sessionId: 'session', reach },
  scopes: [...scopes].sort(),
})

type Error = { extensions?: { code?: string; [detail: string]: unknown } }

/** What one field answered; `details` are those of the first refusal. */
export type Answered = {
  data: Record<string, unknown> | null
  code: string | null
  details: Record<string, unknown>
}

/** Answers where compliance would: by the amount alone, so that the players know what to expect. */
function createCompliance() {
  let asked = 0
  const answer = async (request: Request): Promise<Response> => {
    const { amount } = (await request.json()) as { amount: string }
    asked += 1
    if (isUnanswered(BigInt(amount))) return Response.json({ answer: 'perhaps' })
    const isNo = isRefused(BigInt(amount))
    const word = isNo ? { answer: 'no', code: 'STAND_IN' } : { answer: 'yes', code: null }
    return Response.json({ clearanceId: String(asked), ...word, isProvisional: true, says: 'So.' })
  }
  return {
    resolve: (callee: string) => {
      if (callee !== 'compliance') throw new Error(`${callee} is not here`)
      return { url: 'http://compliance.local', fetch: answer }
    },
  }
}

export type Platform = Awaited<ReturnType<typeof openBetting>>

/** The platform's names of everything that can be bet on, read as they come. */
function createNames(deps: SubgraphDeps, matches: readonly StoryMatch[]) {
  const places = new Map(matches.map(({ externalId }, place) => [externalId, place]))
  const selections = new Map<string, string>()
  const fixtures = new Map<number, string>()
  let last: string | null = null
  const known = <Key>(table: ReadonlyMap<Key, string>, key: Key): string => {
    const id = table.get(key)
    if (id === undefined) throw new Error(`the platform does not know ${key}`)
    return id
  }
  return {
    selectionId: (answer: Answer): string => known(selections, nameOf(answer)),
    fixtureId: (match: number): string => known(fixtures, match),
    /** Reads those that came since the last time. */
    read: async (): Promise<void> => {
      const em = deps.database.acrossTenants()
      const where = last === null ? {} : { id: { $gt: last } }
      const fresh: Selection[] = await em.find(Selection, where, { orderBy: { id: 'asc' } })
      const markets = await em.find(Market, { id: { $in: fresh.map((one) => one.marketId) } })
      const ids = markets.map(({ fixtureId }) => fixtureId)
      const rows = await em.find(Fixture, { id: { $in: ids } })
      const placeOf = new Map(rows.map(({ id, externalId }) => [id, places.get(externalId) ?? -1]))
      const marketOf = new Map(markets.map((market) => [market.id, market]))
      for (const [id, place] of placeOf) fixtures.set(place, id)
      for (const { id, marketId, name } of fresh) {
        const { type = '', line = 0, fixtureId = '' } = marketOf.get(marketId) ?? {}
        const match = placeOf.get(fixtureId) ?? -1
        selections.set(nameOf({ match, market: type, line, pick: name }), id)
      }
      last = fresh.at(-1)?.id ?? last
    },
  }
}

function createIntake(deps: SubgraphDeps, drafts: readonly FeedDraft[]) {
  const source = { name: 'season-file', isSimulated: false } as FeedSource
  const facts = { timing: 'assumed', isReplayed: false, isSimulated: false } as const
  let next = 0
  let intake: Intake | null = null
  const store = async (due: readonly FeedDraft[]) => {
    intake ??= {
      runId: (await createFeedRuns(deps).open(source, 'season-bets')).id,
      ...{ position: 0, facts, memory: createFeedMemory() },
    }
    for (let first = 0; first < due.length; first += LARGEST_BATCH) {
      const { position } = intake
      const batch = due
        .slice(first, first + LARGEST_BATCH)
        .map((draft, index): FeedEvent => ({ ...draft, position: position + index + 1 }))
      intake.position = await storeBatch(deps, intake, batch)
    }
  }
  return {
    store,
    /** Stores what is due until the instant; how many events that were. */
    takeIn: async (until: number): Promise<number> => {
      const rest = drafts.slice(next)
      const later = rest.findIndex(({ at }) => (at?.getTime() ?? 0) > until)
      const due = later < 0 ? rest : rest.slice(0, later)
      next += due.length
      await store(due)
      return due.length
    },
  }
}

function capturing() {
  let kept: SubgraphDeps | null = null
  return {
    subgraph: {
      ...analytics,
      open: (deps: SubgraphDeps) => {
        kept = deps
        return analytics.open(deps)
      },
    },
    deps: (): SubgraphDeps => {
      if (!kept) throw new Error('analytics is not open')
      return kept
    },
  }
}

export type Opening = {
  databaseUrl: string
  startsAt: number
  matches: readonly StoryMatch[]
  drafts: readonly FeedDraft[]
}

/** Analytics as a service under a clock of the proof's, asked through its door. */
export async function openBetting({ databaseUrl, startsAt, matches, drafts }: Opening) {
  const clock = createManualClock(new Date(startsAt))
  const { subgraph, deps: opened } = capturing()
  const service = await openService({
    ...{ subgraph, databaseUrl, clock, randomness: systemRandomness, log: silentLog },
    front: createRingFront(),
    serviceKeys: keys,
    operatorKeys: parseOperatorKeys(newOperatorKeyText(createSeededRandomness('season-bets'))),
    oddsFeed: { kind: 'none' },
    resolve: createCompliance().resolve,
    receivers: [],
  })
  const deps = opened()
  const intake = createIntake(deps, drafts)
  const settlement = createSettlement(deps)
  const running = new AbortController()
  const names = createNames(deps, matches)
  const send = async (path: string, caller: string, sent: { body: object; viewer: Viewer }) => {
    const body = JSON.stringify(sent.body)
    const minting = { keys, clock, randomness: systemRandomness }
    const facts = { caller, callee: 'analytics', body, viewer: sent.viewer }
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json',
      [SERVICE_TOKEN_HEADER]: mintServiceToken(minting, facts),
    }
    const request = new Request(`http://analytics.local${path}`, { method: 'POST', body, headers })
    return (await service.fetch(request)).json()
  }
  return {
    database: service.database,
    /** Asks one field. */
    ask: async (asker: Asker, query: string, variables: object): Promise<Answered> => {
      const sent = { body: { query, variables }, viewer: viewerOf(asker) }
      const { data, errors } = (await send('/graphql', 'gateway', sent)) as {
        data?: Record<string, Record<string, unknown> | null> | null
        errors?: Error[]
      }
      const { code = null, ...details } = errors?.[0]?.extensions ?? {}
      const isRefused = errors !== undefined && errors.length > 0
      return {
        data: Object.values(data ?? {})[0] ?? null,
        code: isRefused ? (code ?? 'none') : null,
        details,
      }
    },
    deliver: async (kind: string, payload: { guildId: string }): Promise<void> => {
      const key = `${kind}:${payload.guildId}`
      const delivery = { key, kind, aggregate: 'guild:1', payload, at: clock.now().toISOString() }
      const sent = { body: { deliveries: [delivery] }, viewer: anonymousViewer('season-bets') }
      await send('/inbox', 'tenancy', sent)
    },
    /** Moves the clock and takes in what the feed tells until then. */
    goTo: async (instant: number): Promise<void> => {
      clock.set(new Date(instant))
      if ((await intake.takeIn(instant)) > 0) await names.read()
    },
    /** Has the feed tell something that no story held. */
    tell: (told: readonly FeedDraft[]): Promise<void> => intake.store(told),
    settle: (): Promise<void> => settlement.settleDue(running.signal),
    selectionId: names.selectionId,
    fixtureId: names.fixtureId,
    [Symbol.asyncDispose]: () => service.stop(1_000),
  }
}
