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
} as const
