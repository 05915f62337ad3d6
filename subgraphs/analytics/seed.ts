import { serviceViewer, type Viewer } from '#kernel/auth/viewer.ts'
import type { OddsFeedConfig } from '#kernel/config.ts'
import { type Database, transactional } from '#kernel/db/database.ts'
import { acrossTenantsPlaceGuild } from '#kernel/guilds/guild-deliveries.ts'
import { GuildPlace } from '#kernel/guilds/guild-place.ts'
import { newId } from '#kernel/ids.ts'
import type { SeedReport } from '#kernel/service/subgraph.ts'
import { type AnalyticsDeps, createServices, toRequest } from './context.ts'
import { CompetitionFollow } from './entities/competition-follow.ts'
import { Transfer } from './entities/transfer.ts'
import { SIMULATED_COMPETITION } from './services/feeds/simulator.ts'
import { ensureAccounts } from './services/ledger/account-rows.ts'
import { conclude } from './services/ledger/booking.ts'
import { post } from './services/ledger/post.ts'
import { hashRequest } from './services/ledger/repeats.ts'
import type { AnalyticsRequest } from './services/request.ts'

type DemoFollower = { tenantId: string; guildId: string | null }

/** The demo tenants Acme and Globex and their guilds, by the ids that tenancy gives them. */
const FOLLOWERS: readonly DemoFollower[] = [
  { tenantId: '1', guildId: null },
  { tenantId: '1', guildId: '81384788765712384' },
  { tenantId: '1', guildId: '81384788765712385' },
  { tenantId: '2', guildId: null },
  { tenantId: '2', guildId: '197038439483310086' },
]

/** How a guild is run before anybody changed it. */
const NEW_GUILD = { enterpriseFeatures: false, complianceMode: false, auditLogging: false }

/** What the configured feed tells of; null where only the feed itself knows. */
function competitionOf(feed: OddsFeedConfig): string | null {
  if (feed.kind === 'simulator') return SIMULATED_COMPETITION
  return feed.kind === 'season' ? feed.league : null
}

/**
 * Tenancy's own seed delivers the same, in whatever order; where it has said otherwise since, that
 * stands. @returns whether the follower is where the demo world puts it
 */
async function acrossTenantsPlaceFollower(
  database: Database,
  { guildId, tenantId }: DemoFollower,
): Promise<boolean> {
  if (guildId === null) return true
  return transactional(database.acrossTenants(), async (tx) => {
    const known = await tx.findOne(GuildPlace, { guildId })
    if (known) return known.tenantId === tenantId
    await acrossTenantsPlaceGuild(tx, { guildId, tenantId, ...NEW_GUILD })
    return true
  })
}

/**
 * Has the demo tenants and guilds follow what the feed tells of, once: whoever stops following later
 * stays without.
 */
async function seedFollows(
  deps: AnalyticsDeps,
  { competition, viewer }: { competition: string; viewer: Viewer },
): Promise<string[]> {
  const em = deps.database.acrossTenants()
  if ((await em.count(CompetitionFollow, { competition })) > 0) return []
  const { follows } = createServices(deps, viewer)
  for (const follower of FOLLOWERS) {
    const isInPlace = await acrossTenantsPlaceFollower(deps.database, follower)
    if (isInPlace) await follows.follow({ ...follower, competition })
  }
  return [`The demo's tenants and guilds follow ${competition}`]
}

/** Members of the demo's guilds, by the ids that identity gives them, who may bet there. */
const PLAYERS = [
  { userId: '2', place: { tenantId: '1', guildId: '81384788765712384' } },
  { userId: '4', place: { tenantId: '1', guildId: '81384788765712384' } },
  { userId: '5', place: { tenantId: '2', guildId: '197038439483310086' } },
] as const

const DEMO_DEPOSIT = {
  kind: 'deposit',
  currency: 'EUR',
  note: 'Play money of the demo: it is worth nothing outside of it.',
  lines: [
    { kind: 'player', amount: 100_000n },
    { kind: 'cash', amount: -100_000n },
  ],
} as const

/** @returns whether the player had none of it before */
async function seedDeposit(
  { database, clock }: AnalyticsDeps,
  request: AnalyticsRequest,
  { userId, place }: (typeof PLAYERS)[number],
): Promise<boolean> {
  const key = {
    keyOwner: 'service:analytics',
    idempotencyKey: `demo-deposit:${place.guildId}:${userId}`,
  }
  if (!(await acrossTenantsPlaceFollower(database, place))) return false
  const at = clock.now()
  return transactional(request.inPlace(place), async (tx) => {
    if ((await tx.count(Transfer, key)) > 0) return false
    const wallet = { place, userId, currency: DEMO_DEPOSIT.currency }
    await ensureAccounts(tx, wallet, { at })
    const booked = { ...DEMO_DEPOSIT, ...wallet, ...key, actorId: null, at }
    const posted = await post(tx, { ...booked, requestHash: hashRequest('demo-deposit', {}) })
    await conclude(request, tx, {
      owned: { ...place, userId },
      action: 'money.deposited',
      resource: { type: 'transfer', id: posted.transfer.id },
      details: { amount: '100000', currency: DEMO_DEPOSIT.currency },
      posted,
    })
    return true
  })
}

/** Gives the demo's players something to bet with, once. Compliance is not asked: it is no money. */
async function seedMoney(deps: AnalyticsDeps, viewer: Viewer): Promise<string[]> {
  const request = toRequest(deps, viewer)
  let players = 0
  for (const player of PLAYERS) if (await seedDeposit(deps, request, player)) players++
  return players === 0 ? [] : [`${players} people of the demo have 1,000.00 EUR of play money`]
}

/** The demo's follows and play money; without a feed there is nothing to follow or to bet on. */
export async function seedDemo(deps: AnalyticsDeps): Promise<SeedReport> {
  const competition = competitionOf(deps.oddsFeed)
  if (competition === null) return { lines: [] }
  const viewer = serviceViewer({
    serviceName: 'analytics',
    reach: { kind: 'platform' },
    scopes: [],
    requestId: newId(deps.randomness),
  })
  const follows = await seedFollows(deps, { competition, viewer })
  return { lines: [...follows, ...(await seedMoney(deps, viewer))] }
}
