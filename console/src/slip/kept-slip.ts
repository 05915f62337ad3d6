import { isMarketType, isSelectionName } from '../prices/names.ts'
import { sessionState } from '../session/session.ts'
import type { SlipLeg } from './slip.ts'

/** Of this tab of the browser alone: it goes with it. */
const KEY = 'dbsbm:slip'
const MOST_LEGS = 50

const TEXTS = ['selectionId', 'fixtureId', 'home', 'away', 'startsAt'] as const

/** What somebody else wrote there is no leg. */
function isLeg(found: unknown): found is SlipLeg {
  const leg = Object(found) as Record<string, unknown>
  const hasTexts = TEXTS.every((name) => typeof leg[name] === 'string')
  const hasNumbers = Number.isFinite(leg.line) && Number.isSafeInteger(leg.odds)
  return hasTexts && hasNumbers && isMarketType(leg.marketType) && isSelectionName(leg.selection)
}

function inStorage(work: (storage: Storage) => string | null): string | null {
  try {
    return work(sessionStorage)
  } catch (failure) {
    // Switched off, or full: the slip then lasts as long as the page.
    if (!(failure instanceof DOMException)) throw failure
    return null
  }
}

/** What this person had on the slip before the page was loaded again, but for games that have begun. */
export function keptLegs(userId: string): readonly SlipLeg[] {
  const text = inStorage((storage) => storage.getItem(KEY))
  if (text === null) return []
  try {
    const { owner, legs } = Object(JSON.parse(text)) as Record<string, unknown>
    if (owner !== userId || !Array.isArray(legs)) return []
    const isOpen = ({ startsAt }: SlipLeg) => Date.parse(startsAt) > Date.now()
    return legs.slice(0, MOST_LEGS).filter(isLeg).filter(isOpen)
  } catch (failure) {
    if (!(failure instanceof SyntaxError)) throw failure
    return []
  }
}

/** Nobody's slip is kept for anybody else: null for nobody. */
export function keepLegs(userId: string | null, legs: readonly SlipLeg[]): void {
  inStorage((storage) => {
    if (userId === null || legs.length === 0) storage.removeItem(KEY)
    else storage.setItem(KEY, JSON.stringify({ owner: userId, legs }))
    return null
  })
}

// From the start of the console on: who leaves on another page leaves nothing here either.
sessionState.listen(() => {
  if (sessionState.get().kind === 'signed-out') keepLegs(null, [])
})
