import type { AccessEnforcer, AccessMode } from './enforcer.ts'
import type { Policies } from './policies.ts'
import type { RefusalsTold } from './refusals.ts'

/** How access rules are applied, and how askers hear of it. */
export type AccessSettings = {
  mode: AccessMode
  refusals: RefusalsTold
  /** How long a function that `@policy` names may think. */
  policyTimeoutMs: number
  /** Questions about the schema are answered as far as the asker's rights go. */
  introspectionByRights: boolean
}

/** As a gateway that nobody configured applies them. */
export const defaultAccess: AccessSettings = {
  mode: 'filter',
  refusals: 'errors',
  policyTimeoutMs: 1_000,
  introspectionByRights: false,
}

/** Who enforces the rules of a gateway with these settings. */
export function enforcerFor(
  { mode, policyTimeoutMs, introspectionByRights }: AccessSettings,
  policies: Policies = {},
): AccessEnforcer {
  return { policies, mode, policyTimeoutMs, isIntrospectionByRights: introspectionByRights }
}
