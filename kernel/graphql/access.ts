/**
 * Who may have a field or type: exactly one of the four, said once. The builder turns it into the
 * federation directive that the gateway reads and into the check that the subgraph runs.
 */
export type Access =
  | { public: true }
  | { authenticated: true }
  /** Outer list: or; inner list: and. */
  | { scopes: readonly (readonly string[])[] }
  /** Names of policies, registered in the gateway and in the subgraph's context. */
  | { policy: readonly (readonly string[])[] }

/** On whom an answer depends, and so between whom it may be shared. */
export const SHARED_BY = ['everyone', 'tenant', 'viewer'] as const
export type SharedBy = (typeof SHARED_BY)[number]

/** What `auth` becomes in the options that Pothos' federation and scope-auth plugins read. */
export type AccessOptions = {
  authScopes?: Record<string, unknown>
  authenticated?: boolean
  requiresScopes?: string[][]
  policy?: string[][]
}

const copy = (lists: readonly (readonly string[])[]) => lists.map((list) => [...list])

/** The directive and the run-time check of one declaration. */
export function toAccessOptions(access: Access): AccessOptions {
  if ('public' in access) return {}
  if ('authenticated' in access) {
    return { authScopes: { authenticated: true }, authenticated: true }
  }
  if ('scopes' in access) {
    return { authScopes: { scopes: access.scopes }, requiresScopes: copy(access.scopes) }
  }
  return { authScopes: { policy: access.policy }, policy: copy(access.policy) }
}
