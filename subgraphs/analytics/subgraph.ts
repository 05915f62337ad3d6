import { fileURLToPath } from 'node:url'
import { GuildPlace } from '#kernel/guilds/guild-place.ts'
import type { Subgraph } from '#kernel/service/subgraph.ts'
import { createContext } from './context.ts'
import { Account } from './entities/account.ts'
import { Bet } from './entities/bet.ts'
import { BetLeg } from './entities/bet-leg.ts'
import { BettingLimit } from './entities/betting-limit.ts'
import { CompetitionFollow } from './entities/competition-follow.ts'
import { CurrentPrice } from './entities/current-price.ts'
import { FeedRejection } from './entities/feed-rejection.ts'
import { FeedRun } from './entities/feed-run.ts'
import { Fixture } from './entities/fixture.ts'
import { Hold } from './entities/hold.ts'
import { LedgerEntry } from './entities/ledger-entry.ts'
import { Market } from './entities/market.ts'
import { OddsQuote } from './entities/odds-quote.ts'
import { Selection } from './entities/selection.ts'
import { Transfer } from './entities/transfer.ts'
import { schema } from './schema.ts'
import { seedDemo } from './seed.ts'
import { createBetMemory } from './services/bets/bet-memory.ts'
import { openFeeds } from './services/feed-sources.ts'
import { systemSleep } from './services/feeds/sleep.ts'
import { guildDeliveries } from './services/guild-tenants.ts'
import { createOddsFeed } from './services/odds-feed.ts'
import { createRetention, retentionSchedules } from './services/retention.ts'
import { createSettlement } from './services/settlement/settlement.ts'

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Analytics: fixtures, markets, odds and their feeds, and who follows what. */
export const analytics: Subgraph = {
  name: 'analytics',
  schema,
  entities: [
    Fixture,
    Market,
    Selection,
    OddsQuote,
    CurrentPrice,
    FeedRun,
    FeedRejection,
    CompetitionFollow,
    GuildPlace,
    Account,
    Transfer,
    LedgerEntry,
    Hold,
    Bet,
    BetLeg,
    BettingLimit,
  ],
  migrations: {
    sqlite: folder('./migrations/sqlite'),
    mysql: folder('./migrations/mysql'),
  },
  open: async (given) => {
    const deps = { ...given, memory: createBetMemory() }
    const { clock, oddsFeed } = deps
    const sleep = systemSleep
    const feeds = openFeeds(oddsFeed, { clock, sleep })
    return {
      createContext: (request) => createContext(deps, request),
      inbox: guildDeliveries,
      jobs: createRetention(deps),
      schedules: retentionSchedules,
      start: async () => {
        const running = [
          createOddsFeed({ ...deps, sleep, feeds }).start(),
          createSettlement(deps).start(),
        ]
        return { stop: async () => void (await Promise.all(running.map((one) => one.stop()))) }
      },
      seed: () => seedDemo(deps),
    }
  },
}
