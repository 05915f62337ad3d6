import { sessionState } from '../session/session.ts'

/** In the storage of this tab alone: it goes with the tab, and with its person. */
const KEYS = { legs: 'dbsbm:slip:legs', bets: 'dbsbm:slip:bets' } as const

type Name = keyof typeof KEYS

function inStorage<Result>(work: (storage: Storage) => Result): Result | null {
  try {
    return work(sessionStorage)
  } catch (failure) {
    // Switched off, or full: what is kept then lasts as long as the page.
    if (!(failure instanceof DOMException)) throw failure
    return null
  }
}

/** What this person kept under a name, as it was found: whoever reads it must look at it. */
export function readKept(name: Name, userId: string): unknown {
  const text = inStorage((storage) => storage.getItem(KEYS[name]))
  if (text === null) return null
  try {
    const { owner, kept } = Object(JSON.parse(text)) as Record<string, unknown>
    return owner === userId ? kept : null
  } catch (failure) {
    if (!(failure instanceof SyntaxError)) throw failure
    return null
  }
}

/** Keeps it for this person over a reload; nothing where nobody is there. */
export function keep(name: Name, userId: string | null, kept: readonly unknown[]): void {
  inStorage((storage) => {
    if (userId === null || kept.length === 0) storage.removeItem(KEYS[name])
    else storage.setItem(KEYS[name], JSON.stringify({ owner: userId, kept }))
  })
}

/** What is kept of anybody but this person goes. */
function forgetOthers(userId: string | null): void {
  for (const name of ['legs', 'bets'] as const)
    if (userId === null || readKept(name, userId) === null) keep(name, null, [])
}

// From the start of the console on: who leaves on another page leaves nothing here either.
sessionState.listen(() => {
  const state = sessionState.get()
  if (state.kind === 'signed-out') forgetOthers(null)
  if (state.kind === 'signed-in') forgetOthers(state.session.userId)
})
