import type { Scope } from '#kernel/auth/scopes.ts'

const scopes = <const Name extends Scope>(name: Name) => ({ scopes: [[name]] as const })

/** Who may have what of tenancy, as `auth` of its fields. */
export const MAY = {
  readTenants: scopes('tenants:read'),
  writeTenants: scopes('tenants:write'),
  readGuilds: scopes('guilds:read'),
  writeGuilds: scopes('guilds:write'),
  readQuotas: scopes('quotas:read'),
  writeQuotas: scopes('quotas:write'),
  readCustomizations: scopes('customizations:read'),
  writeCustomizations: scopes('customizations:write'),
  readFlags: scopes('flags:read'),
  writeFlags: scopes('flags:write'),
} as const
