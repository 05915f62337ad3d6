import { deriveServiceKeys } from '#kernel/auth/service-keys.ts'
import type { SubgraphName } from '#kernel/auth/service-names.ts'
import { mintServiceToken, SERVICE_TOKEN_HEADER } from '#kernel/auth/service-token.ts'
import { anonymousViewer, type Reach, type Viewer } from '#kernel/auth/viewer.ts'
import { systemClock } from '#kernel/clock.ts'
import type { OddsFeedConfig } from '#kernel/config.ts'
import { newOperatorKeyText, parseOperatorKeys } from '#kernel/crypto/operator-key.ts'
import type { Database } from '#kernel/db/database.ts'
import { createRingFront } from '#kernel/events/ring-front.ts'
import { createSeededRandomness, systemRandomness } from '#kernel/ids.ts'
import { openService, type Service } from '#kernel/serve/open-service.ts'
import type { ServiceAddress } from '#kernel/service/subgraph-fetch.ts'
import { SEASON_COLUMNS } from '#subgraphs/analytics/services/feeds/season-row.ts'
import { analytics } from '#subgraphs/analytics/subgraph.ts'
import { silentLog } from '../../kit/database.ts'

const keys = deriveServiceKeys(Buffer.alloc(32, 7))

export const ACME_GUILD = '81384788765712384'
export const GLOBEX_GUILD = '197038439483310086'

const READS = ['feeds:read', 'fixtures:read', 'follows:read', 'odds:read']

export const userOf = (reach: Reach, scopes: readonly string[], userId = '7'): Viewer => ({
  ...anonymousViewer('test-request'),
  kind: 'user',
  userId,
  sessionId: 'session',
  reach,
  scopes: [...scopes].sort(),
})

const inAcmeGuild: Reach = { kind: 'guild', tenantId: '1', guildId: ACME_GUILD }
const PLAYS = ['bets:place', 'fixtures:read', 'odds:read']
const BOOKS = ['money:read', 'money:write']

export const VIEWERS = {
  operator: userOf({ kind: 'platform' }, [...READS, 'feeds:write', 'follows:write']),
  acmeAdmin: userOf({ kind: 'tenant', tenantId: '1' }, [...READS, 'follows:write']),
  /** Every scope there is, and rights in one tenant alone. */
  acmeAlmighty: userOf({ kind: 'tenant', tenantId: '1' }, [
    ...READS,
    'feeds:write',
    'follows:write',
  ]),
  acmeGuildAdmin: userOf({ kind: 'guild', tenantId: '1', guildId: ACME_GUILD }, [
    ...READS,
    'follows:write',
  ]),
  globexAdmin: userOf({ kind: 'tenant', tenantId: '2' }, [...READS, 'follows:write']),
  /** Fixtures, but no odds. */
  spectator: userOf({ kind: 'tenant', tenantId: '1' }, ['fixtures:read']),
  /** Two who bet in one guild of Acme, and one in Globex's. */
  player: userOf(inAcmeGuild, PLAYS, '21'),
  otherPlayer: userOf(inAcmeGuild, PLAYS, '22'),
  globexPlayer: userOf({ kind: 'guild', tenantId: '2', guildId: GLOBEX_GUILD }, PLAYS, '23'),
  /** Who books money for others, and may play too. */
  cashier: userOf({ kind: 'tenant', tenantId: '1' }, [...BOOKS, ...PLAYS], '31'),
  globexCashier: userOf({ kind: 'tenant', tenantId: '2' }, [...BOOKS, ...PLAYS], '32'),
  officer: userOf({ kind: 'tenant', tenantId: '1' }, ['money:freeze', 'money:read'], '33'),
  anonymous: anonymousViewer('test-request'),
} as const satisfies Record<string, Viewer>

// biome-ignore lint/suspicious/noExplicitAny: answers have the shape that the query asked for
type Data = any

export type Answer = {
  data: Data
  codes: string[]
  /** What errors carry beside their codes. */
  details: Record<string, unknown>[]
  cursor: string | null
}

type Payload = {
  data?: Data
  errors?: { extensions?: { code?: string } & Record<string, unknown> }[]
  extensions?: { cursor?: string }
}

const toAnswer = ({ data = null, errors = [], extensions }: Payload): Answer => ({
  data,
  codes: errors.map((error) => error.extensions?.code ?? 'none'),
  details: errors.map(({ extensions: { code: _code, ...details } = {} }) => details),
  cursor: extensions?.cursor ?? null,
})

type Sent = {
  path?: string
  caller?: string
  body: object
  viewer: Viewer
  signal?: AbortSignal
  accept?: string
}

function requestOf({ path = '/graphql', caller = 'gateway', viewer, accept, ...sent }: Sent) {
  const body = JSON.stringify(sent.body)
  const deps = { keys, clock: systemClock, randomness: systemRandomness }
  const token = mintServiceToken(deps, { caller, callee: 'analytics', body, viewer })
  return new Request(`http://analytics.local${path}`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      accept: accept ?? 'application/json',
      [SERVICE_TOKEN_HEADER]: token,
    },
    ...(sent.signal && { signal: sent.signal }),
  })
}

/** The payloads of a GraphQL event stream. */
async function* readStream(response: Response): AsyncGenerator<Answer> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
    yield toAnswer((await response.json()) as Payload)
    return
  }
  let text = ''
  for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(
    new TextDecoderStream(),
  )) {
    text += chunk
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const block = text.slice(0, end)
      text = text.slice(end + 2)
      if (/^event: complete/m.test(block)) return
      const data = /^data: (.+)$/m.exec(block)?.[1]
      if (data) yield toAnswer(JSON.parse(data) as Payload)
    }
  }
}

/** How many statements `work` sends, transaction brackets aside. */
export async function countQueries(database: Database, work: () => Promise<unknown>) {
  const logger = database.orm.config.getLogger()
  const original = logger.logQuery
  let count = 0
  logger.setDebugMode(['query'])
  logger.logQuery = ({ query }) => {
    if (!/^(begin|commit)/i.test(query ?? '')) count++
  }
  try {
    await work()
    return count
  } finally {
    logger.logQuery = original
    logger.setDebugMode(false)
  }
}

export type World = Awaited<ReturnType<typeof openAnalytics>>

export type WorldOptions = {
  oddsFeed?: OddsFeedConfig
  databaseUrl?: string
  /** Where other subgraphs are reached; by default nobody else is here. */
  resolve?: (callee: string) => ServiceAddress
  /** Who takes deliveries of the outbox, once the service is started. */
  receivers?: readonly SubgraphName[]
}

const nobodyElse = () => {
  throw new Error('nobody else is here')
}

export function openAnalyticsService(options: WorldOptions = {}): Promise<Service> {
  return openService({
    subgraph: analytics,
    databaseUrl: options.databaseUrl ?? 'sqlite::memory:',
    front: createRingFront(),
    clock: systemClock,
    randomness: systemRandomness,
    log: silentLog,
    serviceKeys: keys,
    operatorKeys: parseOperatorKeys(newOperatorKeyText(createSeededRandomness('operator'))),
    oddsFeed: options.oddsFeed ?? { kind: 'none' },
    resolve: options.resolve ?? nobodyElse,
    receivers: options.receivers ?? [],
  })
}

/** Somebody of the kit by name, or anybody. */
export type Who = keyof typeof VIEWERS | Viewer

const viewerOf = (who: Who): Viewer => (typeof who === 'string' ? VIEWERS[who] : who)

export type Following = { resume?: string | null; signal: AbortSignal; who?: Who }

/** Analytics as a service, migrated, asked through its door with the tokens of the gateway. */
export async function openAnalytics(options: WorldOptions = {}) {
  const service = await openAnalyticsService(options)
  const ask = async (who: Who, query: string, variables: object = {}) => {
    const body = { query, variables }
    const response = await service.fetch(requestOf({ body, viewer: viewerOf(who) }))
    return toAnswer((await response.json()) as Payload)
  }
  return {
    service,
    database: service.database,
    ask,
    /** Live answers until the signal ends them. */
    follow: async (query: string, following: Following) => {
      const { resume = null, signal, who = 'operator' } = following
      const body = { query, extensions: { resume } }
      const viewer = viewerOf(who)
      const request = requestOf({ body, viewer, signal, accept: 'text/event-stream' })
      return readStream(await service.fetch(request))
    },
    /** A delivery of tenancy's outbox. */
    deliver: async (key: string, kind: string, payload: unknown) => {
      const delivery = { key, kind, aggregate: 'guild:1', payload, at: '2026-01-01T00:00:00.000Z' }
      const body = { deliveries: [delivery] }
      const viewer = VIEWERS.anonymous
      const response = await service.fetch(
        requestOf({ path: '/inbox', caller: 'tenancy', body, viewer }),
      )
      return (await response.json()) as { accepted: string[] }
    },
    /** Runs the feeds until every one of them has ended. */
    play: async () => {
      await service.start()
      await untilFinished(ask)
    },
    [Symbol.asyncDispose]: () => service.stop(1_000),
  }
}

type AskFeeds = (who: 'operator', query: string) => Promise<Answer>

/** Waits until every feed says that it has ended. */
export async function untilFinished(ask: AskFeeds): Promise<void> {
  for (;;) {
    const { data } = await ask('operator', '{ feeds { status } }')
    const feeds = data.feeds as { status: string }[]
    if (feeds.length > 0 && feeds.every(({ status }) => status === 'FINISHED')) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

export type SeasonRow = Partial<Record<(typeof SEASON_COLUMNS)[number], string | number>>

/** A season file of these rows; what a row does not say is empty. */
export function seasonFile(rows: readonly SeasonRow[]): string {
  const defaults: SeasonRow = { league: 'E0', season: '2324', date: '2024-02-03' }
  const lines = rows.map((row) => {
    const whole = { ...defaults, ...row }
    return SEASON_COLUMNS.map((column) => whole[column] ?? '').join(',')
  })
  return `${[SEASON_COLUMNS.join(','), ...lines].join('\n')}\n`
}

/** The replay of a season file as fast as it goes. */
export const seasonFeed = (file: string, speed = 10_000_000): OddsFeedConfig => ({
  kind: 'season',
  file,
  league: 'E0',
  season: '2023-24',
  speed,
})
