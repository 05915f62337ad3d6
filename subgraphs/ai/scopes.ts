import type { Scope } from '#kernel/auth/scopes.ts'

const scopes = <const Name extends Scope>(name: Name) => ({ scopes: [[name]] as const })

/** Who may have what of ai, as `auth` of its fields. */
export const MAY = {
  readFixtures: scopes('fixtures:read'),
  readPredictions: scopes('predictions:read'),
  readModels: scopes('models:read'),
  writeModels: scopes('models:write'),
  writeConversations: scopes('conversations:write'),
} as const
