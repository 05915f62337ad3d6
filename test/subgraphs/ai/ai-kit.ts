import { createOutbox } from '#kernel/audit/outbox.ts'
import { deriveServiceKeys } from '#kernel/auth/service-keys.ts'
import { mintServiceToken, SERVICE_TOKEN_HEADER } from '#kernel/auth/service-token.ts'
import { anonymousViewer, type Reach, type Viewer } from '#kernel/auth/viewer.ts'
import { type Clock, createManualClock } from '#kernel/clock.ts'
import type { OddsFeedConfig } from '#kernel/config.ts'
import { newOperatorKeyText, parseOperatorKeys } from '#kernel/crypto/operator-key.ts'
import { createEvents } from '#kernel/events/events.ts'
import { createRingFront } from '#kernel/events/ring-front.ts'
import { createSeededRandomness, newId, systemRandomness } from '#kernel/ids.ts'
import type { Logger } from '#kernel/log.ts'
import { openService, type Service } from '#kernel/serve/open-service.ts'
import type { Subgraph } from '#kernel/service/subgraph.ts'
import type { SubgraphFetch } from '#kernel/service/subgraph-fetch.ts'
import { COMMITTED_MODEL, type ModelSource } from '#subgraphs/ai/services/model-source.ts'
import { createAi } from '#subgraphs/ai/subgraph.ts'
import { createFeedRuns } from '#subgraphs/analytics/services/feed-runs.ts'
import type { FeedDraft, MarketType, Selection } from '#subgraphs/analytics/services/feeds/feed.ts'
import { createFeedMemory } from '#subgraphs/analytics/services/ingestion/feed-memory.ts'
import { storeBatch } from '#subgraphs/analytics/services/ingestion/store-batch.ts'
import { analytics } from '#subgraphs/analytics/subgraph.ts'
import { TEST_CURSORS } from '../../kit/cursors.ts'
import { silentLog } from '../../kit/database.ts'
import { createIdentityStandIn } from '../../kit/identity-stand-in.ts'

const keys = deriveServiceKeys(Buffer.alloc(32, 7))

/** A Friday two years after the committed model's last match. */
export const NOON = new Date('2026-08-14T12:00:00.000Z')
export const HOUR_MS = 3_600_000

export const ACME_GUILD = '81384788765712384'
export const GLOBEX_GUILD = '197038439483310086'

export const userOf = (reach: Reach, scopes: readonly string[], userId = '7'): Viewer => ({
  ...anonymousViewer('test-request'),
  kind: 'user',
  userId,
  sessionId: 'session',
  reach,
  scopes: [...scopes].sort(),
})

const ACME: Reach = { kind: 'tenant', tenantId: '1' }
const READS = ['fixtures:read', 'models:read', 'predictions:read']

export const VIEWERS = {
  operator: userOf({ kind: 'platform' }, [...READS, 'models:write']),
  analyst: userOf(ACME, READS),
  /** Every scope there is, in one tenant alone. */
  acmeAlmighty: userOf(ACME, [...READS, 'models:write', 'conversations:read']),
  /** Fixtures, but no predictions. */
  spectator: userOf(ACME, ['fixtures:read']),
  /** The assistant's bot in Acme's guild. */
  acmeBot: userOf({ kind: 'guild', tenantId: '1', guildId: ACME_GUILD }, ['conversations:write']),
  acmeWide: userOf(ACME, ['conversations:write', 'conversations:read']),
  /** People who talk to it. */
  ada: userOf({ kind: 'none' }, [], '21'),
  bob: userOf({ kind: 'none' }, [], '22'),
  acmeOfficer: userOf(ACME, ['conversations:read'], '31'),
  globexOfficer: userOf({ kind: 'tenant', tenantId: '2' }, ['conversations:read'], '32'),
  everywhere: userOf({ kind: 'platform' }, ['conversations:read', 'conversations:write'], '33'),
  anonymous: anonymousViewer('test-request'),
} as const satisfies Record<string, Viewer>

export type Who = keyof typeof VIEWERS | Viewer
const viewerOf = (who: Who) => (typeof who === 'string' ? VIEWERS[who] : who)

// biome-ignore lint/suspicious/noExplicitAny: answers have the shape that the query asked for
type Data = any
export type Answer = { data: Data; codes: string[]; details: Record<string, unknown>[] }
type Payload = {
  data?: Data
  errors?: { message: string; extensions?: { code?: string } & Record<string, unknown> }[]
}

const toAnswer = ({ data = null, errors = [] }: Payload): Answer => ({
  data,
  codes: errors.map(({ extensions, message }) => extensions?.code ?? message),
  details: errors.map(({ extensions: { code: _code, ...details } = {} }) => details),
})

type Asking = { clock: Clock; callee: 'ai' | 'analytics'; service: Service }

function requestOf(
  { clock, callee }: Asking,
  { path = '/graphql', caller = 'gateway', ...sent }: Sent,
) {
  const body = JSON.stringify(sent.body)
  const token = mintServiceToken(
    { keys, clock, randomness: systemRandomness },
    { caller, callee, body, viewer: sent.viewer },
  )
  return new Request(`http://${callee}.local${path}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', [SERVICE_TOKEN_HEADER]: token },
  })
}

type Sent = { path?: string; caller?: string; body: object; viewer: Viewer }

const createAsk =
  (asking: Asking) =>
  async (who: Who, query: string, variables: object = {}): Promise<Answer> => {
    const sent = { body: { query, variables }, viewer: viewerOf(who) }
    const response = await asking.service.fetch(requestOf(asking, sent))
    return toAnswer((await response.json()) as Payload)
  }

export type AiOptions = {
  databaseUrl?: string
  model?: ModelSource
  clock?: Clock
  oddsFeed?: OddsFeedConfig
  /** Predictions are made before anybody asks; else a test alone decides when. */
  isAhead?: boolean
  /** Where ai logs; nowhere if absent. */
  log?: Logger
  /** Takes the place of analytics, where it misbehaves. */
  analyticsFetch?: SubgraphFetch
}

const open = (subgraph: Subgraph, options: AiOptions & { clock: Clock }, rest: Rest) =>
  openService({
    subgraph,
    databaseUrl: options.databaseUrl ?? 'sqlite::memory:',
    front: createRingFront(),
    randomness: systemRandomness,
    log: silentLog,
    serviceKeys: keys,
    operatorKeys: parseOperatorKeys(newOperatorKeyText(createSeededRandomness('operator'))),
    oddsFeed: { kind: 'none' },
    ...rest,
    clock: options.clock,
  })
type Rest = Pick<Parameters<typeof openService>[0], 'resolve' | 'receivers'> & {
  oddsFeed?: OddsFeedConfig
  log?: Logger
}

const ACME_AND_GLOBEX = { tenantIds: ['1', '2'], guildIds: [ACME_GUILD, GLOBEX_GUILD] }
/** Where identity knows the people of these tests. */
const PEOPLE = {
  21: ACME_AND_GLOBEX,
  22: { tenantIds: ['1'], guildIds: [] },
  32: { tenantIds: ['2'], guildIds: [GLOBEX_GUILD] },
} as const

const HOUR_OFF = { firstMs: HOUR_MS, everyMs: HOUR_MS }
const AT_ONCE = { firstMs: 0, everyMs: 20 }

/** Ai alone, asking whoever stands for analytics and identity. */
export async function openAiService(
  options: AiOptions & { clock: Clock; analyticsFetch: SubgraphFetch },
) {
  const pace = options.isAhead ? AT_ONCE : HOUR_OFF
  const subgraph = createAi(options.model ?? COMMITTED_MODEL, pace)
  const identity = createIdentityStandIn({ people: PEOPLE })
  const service = await open(subgraph, options, {
    ...(options.log && { log: options.log }),
    resolve: (callee) => {
      if (callee === 'identity') return identity.address()
      if (callee !== 'analytics') throw new Error(`${callee} is not here`)
      return { url: 'http://analytics.local', fetch: options.analyticsFetch }
    },
    receivers: [],
  })
  const asking: Asking = { clock: options.clock, callee: 'ai', service }
  let told = 0
  return {
    service,
    database: service.database,
    identity,
    ask: createAsk(asking),
    /** Deliveries of another subgraph's outbox. @returns the keys that were accepted */
    deliver: async (caller: string, ...deliveries: Delivery[]): Promise<string[]> => {
      const all = deliveries.map(({ key = `told-${++told}`, ...delivery }) => ({
        ...{ key, aggregate: 'fixture:1', at: NOON.toISOString() },
        ...delivery,
      }))
      const body = { deliveries: all }
      const sent = { path: '/inbox', caller, body, viewer: VIEWERS.anonymous }
      const response = await service.fetch(requestOf(asking, sent))
      return ((await response.json()) as { accepted: string[] }).accepted
    },
  }
}

export type Delivery = { key?: string; kind: string; payload: object; aggregate?: string }

const SOURCE = 'scripted'
const keyOf = (name: string) => ({ source: SOURCE, externalId: name })

export type Told = { isSimulated?: boolean; isReplayed?: boolean }

/** What a feed tells, stored by analytics as feeds are. */
async function openFeed({ database }: Service, clock: Clock, facts: Required<Told>) {
  const shared = { database, clock, randomness: systemRandomness, log: silentLog }
  const events = createEvents({ ...shared, front: createRingFront(), cursors: TEST_CURSORS })
  const outbox = createOutbox(shared)
  const name = `${SOURCE}-${newId()}`
  const feed = { name, isSimulated: facts.isSimulated, isEndless: true, timing: 'live' } as const
  const source = { ...feed, identify: async () => name, events: async function* () {} }
  const run = await createFeedRuns(shared).open(source, name)
  const intake = {
    ...{ runId: run.id, position: 0, memory: createFeedMemory() },
    facts: { ...facts, timing: 'stated' as const },
  }
  return async (drafts: readonly FeedDraft[]) => {
    const batch = drafts.map((draft, at) => ({ ...draft, position: intake.position + at + 1 }))
    intake.position = await storeBatch({ database, events, outbox, clock }, intake, batch)
  }
}

export type Game = { home: string; away: string; inHours?: number; competition?: string }
export type Prices = Readonly<Record<string, number>>

/** Analytics and ai as two services that ask each other, on a clock of the test. */
export async function openAi(options: AiOptions = {}) {
  const manual = createManualClock(NOON)
  const clock = options.clock ?? manual
  const services = new Map<string, Service>()
  const resolve = (callee: string) => {
    const service = services.get(callee)
    if (!service) throw new Error(`${callee} is not here`)
    return { url: `http://${callee}.local`, fetch: service.fetch }
  }
  const odds = await open(
    analytics,
    { clock },
    { resolve, receivers: ['ai'], ...(options.oddsFeed && { oddsFeed: options.oddsFeed }) },
  )
  const asked: string[] = []
  let isCutOff = false
  const analyticsFetch: SubgraphFetch =
    options.analyticsFetch ??
    (async (request) => {
      if (isCutOff) throw new Error('the line is dead')
      asked.push(await request.clone().text())
      return odds.fetch(request)
    })
  const world = await openAiService({ ...options, clock, analyticsFetch })
  services.set('ai', world.service)
  const askAnalytics = createAsk({ clock, callee: 'analytics', service: odds })
  const feeds = new Map<string, Awaited<ReturnType<typeof openFeed>>>()
  const tell = async (drafts: readonly FeedDraft[], told: Told = {}) => {
    const facts = { isSimulated: false, isReplayed: false, ...told }
    const key = JSON.stringify(facts)
    const feed = feeds.get(key) ?? (await openFeed(odds, clock, facts))
    feeds.set(key, feed)
    await feed(drafts)
  }
  const at = () => clock.now()
  const later = (hours: number) => new Date(at().getTime() + hours * HOUR_MS)
  return {
    ...world,
    odds,
    clock: manual,
    /** Bodies of what analytics was asked. */
    asked,
    askAnalytics,
    /** From now on ai does not reach analytics, until it is let through again. */
    cutOff: (isOff = true) => {
      isCutOff = isOff
    },
    /** A fixture, and what it is priced at: `match_result/home` in thousandths. @returns its id */
    play: async (name: string, game: Game, prices: Prices = {}, told: Told = {}) => {
      const { home, away, inHours = 24, competition = 'E0' } = game
      const fixture = { ...keyOf(name), competition, season: null, home, away }
      const seen = { ...fixture, startsAt: later(inHours) }
      const quotes = Object.entries(prices).map(([answer, odds]): FeedDraft => {
        const [type, selection, line = '0', source = 'house'] = answer.split('/')
        return {
          ...{ kind: 'quote', fixture: keyOf(name), side: 'back', source, odds, at: at() },
          market: { type: type as MarketType, line: Number(line) || null },
          selection: selection as Selection,
        }
      })
      await tell([{ kind: 'fixture', fixture: seen, at: at() }, ...quotes], told)
      const query = `query ($home: String!) { fixtures(where: { home: { eq: $home } }) {
        edges { node { id away } } } }`
      const { data } = await askAnalytics('spectator', query, { home })
      const edges = data.fixtures.edges as { node: { id: string; away: string } }[]
      return edges.find(({ node }) => node.away === away)?.node.id ?? ''
    },
    /** The result of a fixture, as its feed tells it. */
    finish: (name: string, homeGoals: number, awayGoals: number, told: Told = {}) =>
      tell([{ kind: 'result', fixture: keyOf(name), homeGoals, awayGoals, at: at() }], told),
    [Symbol.asyncDispose]: async () => {
      await world.service.stop(1_000)
      await odds.stop(1_000)
    },
  }
}

export type AiWorld = Awaited<ReturnType<typeof openAi>>

export const PREDICTION = `id madeAt basis isHindsight isSimulated confidence
  model { name version }
  probabilities { home draw away } logits { home draw away }
  contributions { feature value home draw away } expectedGoals { home away }
  score { outcome isHit logLoss rps brier isFinal goals { home away } }`

/** Predictions as the gateway asks for them: by the keys of fixtures. */
export async function predictionsOf(
  { ask }: Pick<AiWorld, 'ask'>,
  ids: readonly string[],
  { who = 'analyst', fields = PREDICTION }: { who?: Who; fields?: string } = {},
) {
  const query = `query ($fixtures: [_Any!]!) { _entities(representations: $fixtures) {
    ... on Fixture { id prediction { ${fields} } } } }`
  const fixtures = ids.map((id) => ({ __typename: 'Fixture', id }))
  const answer = await ask(who, query, { fixtures })
  return {
    ...answer,
    all: (answer.data?._entities ?? []).map((one: Data) => one?.prediction ?? null) as Data[],
  }
}

/** Waits until something holds. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20))
}

/** A usual market: margins of some percent. */
export const USUAL: Prices = {
  'match_result/home': 2100,
  'match_result/draw': 3400,
  'match_result/away': 3600,
  'over_under/over/2500': 1900,
  'over_under/under/2500': 1950,
}

/** A delivery of analytics about a result. */
export const resultOf = (fixtureId: string, facts: object = {}, kind = 'fixture.finished') => ({
  kind,
  aggregate: `fixture:${fixtureId}`,
  payload: {
    ...{ fixtureId, competition: 'E0', home: 'Arsenal', away: 'Chelsea' },
    startsAt: new Date(NOON.getTime() + 24 * HOUR_MS).toISOString(),
    ...{ isSimulated: false, isReplayed: false },
    ...{ homeGoals: 2, awayGoals: 1, resultVersion: 1 },
    ...facts,
  },
})
