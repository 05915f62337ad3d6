import type { SessionState } from '../../session/session.ts'

/** Whose a thing is that was typed here; null: of whoever was there before anybody signed in. */
export type Owner = string | null

/**
 * Whose it is now, and whether it must go because somebody left or another came. A renewal, or a platform
 * that is away, changes nothing; who signs in keeps what was typed before.
 */
export function ownerAfter(owner: Owner, state: SessionState): { owner: Owner; isGone: boolean } {
  if (state.kind === 'signed-out') return { owner: null, isGone: owner !== null }
  if (state.kind !== 'signed-in') return { owner, isGone: false }
  const { userId } = state.session
  return { owner: userId, isGone: owner !== null && owner !== userId }
}
