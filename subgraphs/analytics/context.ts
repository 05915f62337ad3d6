import type { RequestContext } from '#kernel/graphql/builder.ts'
import type { SubgraphDeps } from '#kernel/service/subgraph.ts'
import { createFeedDesk } from './services/feed-desk.ts'
import { createFixtures } from './services/fixtures.ts'
import { createFollowedFixtures } from './services/followed-fixtures.ts'
import { createFollows } from './services/follows.ts'
import { createLiveOdds } from './services/live-odds.ts'
import { createMarkets } from './services/markets.ts'
import { createOddsHistory } from './services/odds-history.ts'
import type { AnalyticsRequest } from './services/request.ts'

export type AnalyticsServices = ReturnType<typeof createServices>
export type AnalyticsContext = RequestContext & AnalyticsServices

/** The capabilities of analytics for one asker: loaders are theirs alone. */
export function createServices(
  { database, clock, audit, events }: SubgraphDeps,
  viewer: RequestContext['viewer'],
) {
  const request: AnalyticsRequest = {
    viewer,
    clock,
    audit,
    read: () => database.fork(viewer.reach),
  }
  return {
    fixtures: createFixtures(request),
    markets: createMarkets(request),
    oddsHistory: createOddsHistory(request),
    follows: createFollows(request),
    followedFixtures: createFollowedFixtures(request),
    feedDesk: createFeedDesk(request),
    liveOdds: createLiveOdds(events),
  }
}

/** The context of one request. */
export const createContext = (deps: SubgraphDeps, request: RequestContext): AnalyticsContext => ({
  ...request,
  ...createServices(deps, request.viewer),
})
