import type { Scope } from '#kernel/auth/scopes.ts'
import { SCOPE_NAMES } from '#kernel/auth/scopes.ts'

/** The scopes that identity's own fields ask for. */
export const IDENTITY_SCOPES = [
  'users:read',
  'users:write',
  'roles:read',
  'roles:write',
  'sessions:read',
  'sessions:revoke',
  'keys:read',
  'keys:write',
  'security:read',
  'members:read',
  'members:write',
] as const satisfies readonly Scope[]

/** Held by the platform's operators alone. */
const PLATFORM_ONLY: ReadonlySet<string> = new Set<Scope>([
  'tenants:write',
  'feeds:write',
  'bets:settle',
  'models:write',
  'platform:observe',
])

/** The roles that every platform starts with; each may be given anywhere by who holds as much. */
export const DEFAULT_ROLES = {
  operator: { description: 'Runs the platform.', permissions: ['*:*'] },
  'tenant-admin': {
    description: 'Runs one tenant.',
    permissions: SCOPE_NAMES.filter((scope) => !PLATFORM_ONLY.has(scope)),
  },
  analyst: {
    description: 'Watches odds and guilds.',
    permissions: [
      ...['fixtures:read', 'odds:read', 'guilds:read', 'tenants:read'],
      ...['predictions:read', 'models:read', 'figures:read', 'bets:read'],
    ],
  },
  member: {
    description: 'Takes part in a guild.',
    permissions: ['fixtures:read', 'odds:read', 'guilds:read', 'bets:place', 'predictions:read'],
  },
  'compliance-officer': {
    description: 'Watches over the rules: audit, alerts, policies, consents, frozen money.',
    permissions: [
      ...['audit:read', 'alerts:*', 'policies:*', 'consents:*', 'money:read', 'money:freeze'],
      ...['bets:read', 'guilds:read', 'tenants:read', 'members:read'],
    ],
  },
} as const satisfies Readonly<
  Record<string, { description: string; permissions: readonly string[] }>
>

const asks = (scope: (typeof IDENTITY_SCOPES)[number]) => ({ scopes: [[scope]] }) as const

/** What identity's fields ask of their viewer. */
export const MAY = {
  readUsers: asks('users:read'),
  writeUsers: asks('users:write'),
  readRoles: asks('roles:read'),
  writeRoles: asks('roles:write'),
  revokeSessions: asks('sessions:revoke'),
  writeKeys: asks('keys:write'),
  readSecurity: asks('security:read'),
  readMembers: asks('members:read'),
  writeMembers: asks('members:write'),
} as const
