import { sessionState } from '../../session/session.ts'
import { createStore } from '../../store.ts'
import { type Owner, ownerAfter } from './owner.ts'

/** What of an operation outlives the page. */
export type KeptTab = { text: string; variables: string }

const KEY = 'dbsbm:playground'

type Kept = { owner: Owner; tabs: readonly unknown[] }

const NOTHING: Kept = { owner: null, tabs: [] }

function readKept(): Kept {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}')
    const { owner, tabs } = Object(kept) as Record<string, unknown>
    if (!Array.isArray(tabs)) return NOTHING
    return { owner: typeof owner === 'string' ? owner : null, tabs }
  } catch (failure) {
    // Storage is switched off, or somebody wrote something else there.
    if (!(failure instanceof SyntaxError || failure instanceof DOMException)) throw failure
    return NOTHING
  }
}

function write(text: string | null): void {
  try {
    if (text === null) localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, text)
  } catch (failure) {
    // Full, or switched off: the work stays in this tab of the browser.
    if (!(failure instanceof DOMException)) throw failure
  }
}

let { owner } = readKept()

/** Counts how often all that was typed had to go, because it was another's. */
export const timesForgotten = createStore(0)

/** What was kept, as it was found: whoever reads it must look at each of them. */
export const keptTabs = (): readonly unknown[] => readKept().tabs

export function keepTabs(tabs: readonly KeptTab[]): void {
  write(JSON.stringify({ owner, tabs }))
}

function look(): void {
  const next = ownerAfter(owner, sessionState.get())
  owner = next.owner
  if (!next.isGone) return
  write(null)
  timesForgotten.set(timesForgotten.get() + 1)
}

// From the start of the console on: who leaves on another page leaves nothing here either.
look()
sessionState.listen(look)
