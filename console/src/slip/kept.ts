import { sessionState } from '../session/session.ts'

/** In the storage of this tab alone: it goes with the tab, and with its person. */
const PREFIX = 'dbsbm:slip'

function inStorage<Result>(work: (storage: Storage) => Result): Result | null {
  try {
    return work(sessionStorage)
  } catch (failure) {
    // Switched off, or full: what is kept then lasts as long as the page.
    if (!(failure instanceof DOMException)) throw failure
    return null
  }
}

const keysIn = (storage: Storage) =>
  Object.keys(storage).filter((key) => key === PREFIX || key.startsWith(`${PREFIX}:`))

/** What this person kept under a name, as it was found: whoever reads it must look at it. */
export function readKept(name: 'legs' | 'bets', userId: string): unknown {
  const text = inStorage((storage) => storage.getItem(`${PREFIX}:${name}`))
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
export function keep(name: 'legs' | 'bets', userId: string | null, kept: readonly unknown[]): void {
  const key = `${PREFIX}:${name}`
  inStorage((storage) => {
    if (userId === null || kept.length === 0) storage.removeItem(key)
    else storage.setItem(key, JSON.stringify({ owner: userId, kept }))
  })
}

/** Of everybody but this person; of all where nobody is there. */
function forgetOthers(userId: string | null): void {
  inStorage((storage) => {
    for (const key of keysIn(storage)) {
      const name = key.slice(PREFIX.length + 1)
      const isTheirs = userId !== null && (name === 'legs' || name === 'bets')
      if (!isTheirs || readKept(name, userId) === null) storage.removeItem(key)
    }
  })
}

// From the start of the console on: who leaves on another page leaves nothing here either.
sessionState.listen(() => {
  const state = sessionState.get()
  if (state.kind === 'signed-out') forgetOthers(null)
  if (state.kind === 'signed-in') forgetOthers(state.session.userId)
})
