import { isMarketType, isSelectionName } from '../prices/names.ts'
import { readKept } from './kept.ts'
import type { SlipLeg } from './slip.ts'

const MOST_LEGS = 50

const TEXTS = ['selectionId', 'fixtureId', 'home', 'away', 'startsAt'] as const

/** What somebody else wrote there is no leg. */
function isLeg(found: unknown): found is SlipLeg {
  const leg = Object(found) as Record<string, unknown>
  const hasTexts = TEXTS.every((name) => typeof leg[name] === 'string')
  const hasNumbers = Number.isFinite(leg.line) && Number.isSafeInteger(leg.odds)
  return hasTexts && hasNumbers && isMarketType(leg.marketType) && isSelectionName(leg.selection)
}

/** What this person had on the slip before the page was loaded again, but for games that have begun. */
export function keptLegs(userId: string): readonly SlipLeg[] {
  const kept = readKept('legs', userId)
  if (!Array.isArray(kept)) return []
  const isOpen = ({ startsAt }: SlipLeg) => Date.parse(startsAt) > Date.now()
  return kept.slice(0, MOST_LEGS).filter(isLeg).filter(isOpen)
}
