import { satisfies } from '#kernel/auth/scopes.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import type { Granted } from './policies.ts'
import type { AccessRules, Requirement } from './scope-rules.ts'

/** Which requirements of a supergraph hold for one viewer. */
export type Rights = {
  /** Equal for viewers for whom the same requirements hold: part of every cache key. */
  readonly key: string
  readonly holds: (requirement: number) => boolean
}

type Asker = { viewer: Viewer; scopes: ReadonlySet<string>; granted: Granted }

function holdsFor({ viewer, scopes, granted }: Asker, requirement: Requirement): boolean {
  if (requirement.stage === 'authenticated') return viewer.kind !== 'anonymous'
  return satisfies(requirement.stage === 'scopes' ? scopes : granted, requirement.anyOf)
}

/** Decides every requirement of the supergraph once, with the policies that were granted. */
export function rightsOf(viewer: Viewer, rules: AccessRules, granted: Granted): Rights {
  const asker = { viewer, scopes: new Set(viewer.scopes), granted }
  const held = rules.requirements.map((requirement) => holdsFor(asker, requirement))
  return {
    key: held.map((holds) => (holds ? '1' : '0')).join(''),
    holds: (requirement) => held[requirement] === true,
  }
}

/** The rights of somebody from whom nothing is withheld. */
export const ALL_RIGHTS: Rights = { key: 'all', holds: () => true }
