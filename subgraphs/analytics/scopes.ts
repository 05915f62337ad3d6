import type { Scope } from '#kernel/auth/scopes.ts'

const scopes = <const Name extends Scope>(name: Name) => ({ scopes: [[name]] as const })

/** Who may have what of analytics, as `auth` of its fields. */
export const MAY = {
  readFixtures: scopes('fixtures:read'),
  readOdds: scopes('odds:read'),
  readFeeds: scopes('feeds:read'),
  writeFeeds: scopes('feeds:write'),
  readFollows: scopes('follows:read'),
  writeFollows: scopes('follows:write'),
  placeBets: scopes('bets:place'),
  readBets: scopes('bets:read'),
  settleBets: scopes('bets:settle'),
  /** Whoever may bet in a guild may know what may be staked there. */
  readLimits: { scopes: [['limits:read'], ['bets:place']] },
  writeLimits: scopes('limits:write'),
  readFigures: scopes('figures:read'),
  readMoney: scopes('money:read'),
  writeMoney: scopes('money:write'),
  freezeMoney: scopes('money:freeze'),
  /** Owners for their own money, others with the scope for it; the service knows which. */
  moveMoney: { scopes: [['bets:place'], ['money:write']] },
  authenticated: { authenticated: true },
} as const
