import { sessionState } from '../../session/session.ts'
import { createStore } from '../../store.ts'

/** A key whose text was just told: by the platform this once, and kept here in memory alone. */
export type IssuedKey = {
  text: string
  name: string
  /** Whether it takes the place of a secret that works for another day. */
  isRotated: boolean
}

/** Outlives the page's component: a change of rights draws everything anew, and must not lose a secret. */
export const issuedKey = createStore<IssuedKey | null>(null)

let owner: string | null = null
sessionState.listen(() => {
  const state = sessionState.get()
  if (state.kind !== 'signed-in' && state.kind !== 'signed-out') return
  const userId = state.kind === 'signed-in' ? state.session.userId : null
  // Whoever comes next is told no secret of another.
  if (userId !== owner) issuedKey.set(null)
  owner = userId
})
