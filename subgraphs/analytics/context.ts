import { createReadLog } from '#kernel/audit/read-log.ts'
import type { RequestContext } from '#kernel/graphql/builder.ts'
import type { SubgraphDeps } from '#kernel/service/subgraph.ts'
import type { BetMemory } from './services/bets/bet-memory.ts'
import { createBets } from './services/bets/bets.ts'
import { createBettingLimits } from './services/bets/limits.ts'
import { createStandingLimits } from './services/bets/standing-limits.ts'
import { createClearance } from './services/clearance.ts'
import { createFeedDesk } from './services/feed-desk.ts'
import { createFigures } from './services/figures/figures.ts'
import { createFixtures } from './services/fixtures.ts'
import { createFollowedFixtures } from './services/followed-fixtures.ts'
import { createFollows } from './services/follows.ts'
import { createAccounts } from './services/ledger/accounts.ts'
import { createFreezes } from './services/ledger/freezes.ts'
import { createHolds } from './services/ledger/holds.ts'
import { checkLedger } from './services/ledger/ledger-check.ts'
import { createTransfers } from './services/ledger/transfers.ts'
import { createLiveOdds } from './services/live-odds.ts'
import { createMarkets } from './services/markets.ts'
import { createOddsHistory } from './services/odds-history.ts'
import { createPortfolio } from './services/portfolio.ts'
import type { AnalyticsRequest } from './services/request.ts'
import { createResults } from './services/settlement/results.ts'

/** What the kernel hands over, with what all requests of one process share. */
export type AnalyticsDeps = SubgraphDeps & { memory: BetMemory }

export type AnalyticsServices = ReturnType<typeof createServices>
export type AnalyticsContext = RequestContext & AnalyticsServices

/** What the capabilities work with for one asker. */
export function toRequest(
  { database, clock, audit, events, services, outbox, randomness, memory }: AnalyticsDeps,
  viewer: RequestContext['viewer'],
): AnalyticsRequest {
  const { acrossTenants } = database
  return {
    viewer,
    clock,
    audit,
    events,
    services,
    read: () => database.fork(viewer.reach),
    acrossTenants,
    inPlace: ({ tenantId, guildId }) => database.fork({ kind: 'guild', tenantId, guildId }),
    clearance: createClearance({ services, outbox, randomness, viewer, em: acrossTenants }),
    readLog: createReadLog({ database, audit, viewer }),
    memory,
  }
}

/** The capabilities of analytics for one asker: loaders are theirs alone. */
export function createServices(deps: AnalyticsDeps, viewer: RequestContext['viewer']) {
  const { events } = deps
  const request = toRequest(deps, viewer)
  return {
    fixtures: createFixtures(request),
    markets: createMarkets(request),
    oddsHistory: createOddsHistory(request),
    follows: createFollows(request),
    followedFixtures: createFollowedFixtures(request),
    feedDesk: createFeedDesk(request),
    liveOdds: createLiveOdds(events),
    portfolio: createPortfolio(request),
    bets: createBets(request),
    bettingLimits: createBettingLimits(request),
    standingLimitsOf: createStandingLimits(request),
    figures: createFigures(request),
    results: createResults({ ...request, outbox: deps.outbox }),
    accounts: createAccounts(request),
    transfers: createTransfers(request),
    holds: createHolds(request),
    freezes: createFreezes(request),
    ledgerCheck: (signal: AbortSignal) => checkLedger(request, signal),
  }
}

/** The context of one request. */
export const createContext = (deps: AnalyticsDeps, request: RequestContext): AnalyticsContext => ({
  ...request,
  ...createServices(deps, request.viewer),
})
