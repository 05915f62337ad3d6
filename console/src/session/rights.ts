import { useStore } from '../store.ts'
import { sessionState } from './session.ts'
import type { Session } from './session-calls.ts'

/** Whoever is signed in. A component that needs one stands only where somebody is. */
export function useSession(): Session {
  const state = useStore(sessionState)
  if (state.kind !== 'signed-in') throw new Error('Nobody is signed in here.')
  return state.session
}

/** Whether all of these scopes are held. */
export function useMay(...scopes: readonly string[]): boolean {
  const state = useStore(sessionState)
  return state.kind === 'signed-in' && scopes.every((scope) => state.session.scopes.includes(scope))
}

/** Says two sessions apart whose answers must never meet in one cache. */
export const rightsKey = ({ userId, reach, tenantId, guildId, scopes }: Session): string =>
  [userId, reach, tenantId, guildId, ...scopes].join(' ')
