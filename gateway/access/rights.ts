import { satisfies } from '#kernel/auth/scopes.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import type { AccessRules, Requirement } from './scope-rules.ts'

/** Named functions that `@policy` asks; a policy that nobody registered is never satisfied. */
export type Policies = Readonly<Record<string, (viewer: Viewer) => boolean>>

/** Which requirements of a supergraph hold for one viewer. */
export type Rights = {
  /** Equal for viewers for whom the same requirements hold: part of every cache key. */
  readonly key: string
  readonly holds: (requirement: number) => boolean
}

function satisfiesPolicies(
  viewer: Viewer,
  policies: Policies,
  anyOf: readonly (readonly string[])[],
): boolean {
  const isGranted = (name: string) => Object.hasOwn(policies, name) && policies[name]?.(viewer)
  return anyOf.some((all) => all.every((name) => isGranted(name) === true))
}

function holdsFor(
  asker: { viewer: Viewer; scopes: ReadonlySet<string>; policies: Policies },
  requirement: Requirement,
): boolean {
  if (requirement.stage === 'authenticated') return asker.viewer.kind !== 'anonymous'
  if (requirement.stage === 'scopes') return satisfies(asker.scopes, requirement.anyOf)
  return satisfiesPolicies(asker.viewer, asker.policies, requirement.anyOf)
}

/** Decides every requirement of the supergraph once for a viewer. */
export function rightsOf(viewer: Viewer, rules: AccessRules, policies: Policies): Rights {
  const asker = { viewer, scopes: new Set(viewer.scopes), policies }
  const held = rules.requirements.map((requirement) => holdsFor(asker, requirement))
  return {
    key: held.map((holds) => (holds ? '1' : '0')).join(''),
    holds: (requirement) => held[requirement] === true,
  }
}
