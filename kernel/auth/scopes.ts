import { authError } from './errors.ts'

/** Every scope of the platform with what it allows; roles, tokens and the SDL use these names only. */
export const ALL_SCOPES = {
  'users:read': 'Read the users within reach.',
  'users:write': 'Create, change, suspend and restore users within reach.',
  'roles:read': 'Read roles and who holds them.',
  'roles:write': 'Create and change roles, give and take them.',
  'sessions:read': 'Read the sessions of other users.',
  'sessions:revoke': 'End the sessions of other users.',
  'keys:read': 'Read API keys (never their secrets).',
  'keys:write': 'Issue, rotate and revoke API keys.',
  'security:read': 'Read and follow security events.',
  'members:read': 'Read the members of guilds.',
  'members:write': 'Add, change and remove members of guilds.',
  'tenants:read': 'Read tenants.',
  'tenants:write': 'Open, change, suspend and close tenants (platform only).',
  'guilds:read': 'Read guilds and their settings.',
  'guilds:write': 'Register guilds and change their settings.',
  'quotas:read': 'Read quotas and their use.',
  'quotas:write': 'Set quotas and reserve their use.',
  'customizations:read': 'Read branding and other customizations.',
  'customizations:write': 'Change branding and other customizations.',
  'flags:read': 'Read feature flags.',
  'flags:write': 'Set feature flags.',
  'fixtures:read': 'Read fixtures, markets and selections.',
  'odds:read': 'Read and follow odds.',
  'feeds:read': 'Read the state of odds feeds.',
  'feeds:write': 'Start, stop and configure odds feeds (platform only).',
  'follows:read': 'Read which fixtures a guild or tenant follows.',
  'follows:write': 'Follow and unfollow fixtures for a guild or tenant.',
  'bets:place': 'Place bets with one’s own accounts, cash them out, ask for withdrawals.',
  'bets:read': 'Read and follow the bets of others.',
  'bets:settle': 'Correct results and abandon fixtures (platform only).',
  'limits:read': 'Read the betting limits of guilds.',
  'limits:write': 'Set the betting limits of guilds.',
  'money:read': 'Read the accounts and ledger entries of others.',
  'money:write': 'Book deposits, withdrawals, holds and adjustments of others.',
  'money:freeze': 'Freeze and thaw held money.',
  'figures:read': 'Read handle, hold, turnover and open liability.',
  'predictions:read': 'Read predictions and fair prices.',
  'models:read': 'Read models and their scorecards.',
  'models:write': 'Activate and retire models (platform only).',
  'conversations:read': 'Read the assistant’s conversations with others.',
  'conversations:write': 'Record the assistant’s conversations.',
  'audit:read': 'Search, verify and follow the audit log.',
  'alerts:read': 'Read and follow alerts and the rules that raise them.',
  'alerts:write': 'Set alert rules, acknowledge alerts.',
  'policies:read': 'Read compliance policies of every version.',
  'policies:write': 'Publish and retire compliance policies.',
  'consents:read': 'Read the consents of others.',
  'consents:write': 'Record consents that others gave or withdrew.',
  'platform:observe': 'See how operations are planned and what they cost in time (platform only).',
} as const satisfies Readonly<Record<string, string>>

/** One known scope. */
export type Scope = keyof typeof ALL_SCOPES

/** Names of all scopes, sorted. */
export const SCOPE_NAMES: readonly Scope[] = Object.freeze(
  (Object.keys(ALL_SCOPES) as Scope[]).sort(),
)

const SCOPE = /^[a-z][a-z_]{0,31}:[a-z][a-z_]{0,31}$/
const PERMISSION = /^(?:\*:\*|[a-z][a-z_]{0,31}:(?:\*|[a-z][a-z_]{0,31}))$/

/** True for text of the form `resource:action`, known or not. */
export function isScope(text: unknown): text is string {
  return typeof text === 'string' && SCOPE.test(text)
}

/** True for the text of a permission as a role may hold it: `resource:action`, `resource:*` or `*:*`. */
export function isPermission(text: unknown): text is string {
  return typeof text === 'string' && PERMISSION.test(text)
}

/** Outer OR, inner AND, as in `@requiresScopes`; an empty outer list asks for nothing. */
export function satisfies(
  granted: ReadonlySet<string> | readonly string[],
  required: readonly (readonly string[])[],
): boolean {
  if (required.length === 0) return true
  const has = (scope: string) =>
    Array.isArray(granted) ? granted.includes(scope) : (granted as ReadonlySet<string>).has(scope)
  return required.some((all) => all.every(has))
}

function expandOne(permission: string, allScopes: readonly string[]): readonly string[] {
  if (!PERMISSION.test(permission)) {
    throw authError('PERMISSION_INVALID', { permission: permission.slice(0, 80) })
  }
  if (permission === '*:*') return allScopes
  if (!permission.endsWith(':*')) return allScopes.includes(permission) ? [permission] : []
  const prefix = permission.slice(0, -1)
  return allScopes.filter((scope) => scope.startsWith(prefix))
}

/**
 * The known scopes that permissions give, sorted, each once. A permission for a scope that does not
 * exist gives nothing. Throws PERMISSION_INVALID for text that is no permission.
 */
export function expandPermissions(
  permissions: readonly string[],
  allScopes: readonly string[] = SCOPE_NAMES,
): string[] {
  const expanded = permissions.flatMap((permission) => expandOne(permission, allScopes))
  return [...new Set(expanded)].sort()
}

/**
 * Checks a list of permissions before it is stored with a role: right form and each gives at least
 * one known scope. Throws PERMISSION_INVALID naming the first that does not.
 */
export function checkPermissions(
  permissions: readonly string[],
  allScopes: readonly string[] = SCOPE_NAMES,
): void {
  const useless = permissions.find((permission) => expandOne(permission, allScopes).length === 0)
  if (useless !== undefined) throw authError('PERMISSION_INVALID', { permission: useless })
}
