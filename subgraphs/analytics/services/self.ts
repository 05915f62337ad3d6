import type { Scope } from '#kernel/auth/scopes.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'

type Person = string | null | undefined

/** The person whose own rows the viewer sees wherever they lie; null for keys, which act within their reach. */
export const selfOf = ({ kind, userId }: Viewer): string | null => (kind === 'user' ? userId : null)

/** Whether the person asks in person. */
export const isSelf = (viewer: Viewer, userId: Person): boolean =>
  userId != null && selfOf(viewer) === userId

/** A key that places bets reads, within its reach, the money and the bets that it deals with: its owner's. */
const playsFor = ({ kind, userId: owner, scopes }: Viewer, userId: Person): boolean =>
  kind === 'key' && owner !== null && owner === userId && scopes.includes('bets:place')

/** How far the viewer sees the rows of one person. */
export type Sight = 'everywhere' | 'within reach' | 'nowhere'

/** `scope` is what it takes to read the rows of others. */
export function sightOf(viewer: Viewer, userId: Person, scope: Scope): Sight {
  if (isSelf(viewer, userId)) return 'everywhere'
  const mayRead = viewer.scopes.includes(scope) || playsFor(viewer, userId)
  return mayRead ? 'within reach' : 'nowhere'
}

/** Which rows within reach the viewer may read, as a condition; null for none. */
export function readableWithin(viewer: Viewer, scope: Scope): { userId?: string } | null {
  const { userId, scopes } = viewer
  if (scopes.includes(scope)) return {}
  return userId !== null && playsFor(viewer, userId) ? { userId } : null
}
