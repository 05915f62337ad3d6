import type { Scope } from '#kernel/auth/scopes.ts'

const scopes = <const Name extends Scope>(name: Name) => ({ scopes: [[name]] as const })

/** Who may have what of compliance, as `auth` of its fields. */
export const MAY = {
  readPolicies: scopes('policies:read'),
  writePolicies: scopes('policies:write'),
  readConsents: scopes('consents:read'),
  writeConsents: scopes('consents:write'),
  readAudit: scopes('audit:read'),
  readAlerts: scopes('alerts:read'),
  writeAlerts: scopes('alerts:write'),
} as const
