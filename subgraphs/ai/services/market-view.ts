import type { FixtureFacts, MarketFacts } from './fixture-facts.ts'
import type { MarketTotal } from './forecast/market-matrix.ts'
import type { ByOutcome } from './forecast/outcomes.ts'
import { deVig } from './forecast/scores.ts'

/** Prices of this source stand for the market where no source prices a market itself. */
const SUMMARY = 'market-average'
const UNIT = 1000
/** The line on goals that most is staked on. */
const USUAL_LINE = 2500
const LOWEST_LINE = 500
const HIGHEST_LINE = 8500

/** What the market thinks of a fixture, its margin taken off. */
export type MarketView = { outcomes: ByOutcome; total: MarketTotal | null }

type Chances = ReadonlyMap<string, number>

/** What the sources think together, or the summary when they say nothing. */
function chancesOf({ consensus, books, selections }: MarketFacts): Chances | null {
  if (consensus) {
    return new Map(
      consensus.probabilities.map(({ selection, probability }) => [selection.name, probability]),
    )
  }
  const summary = books?.find(({ source }) => source === SUMMARY)
  if (!summary || summary.odds.length !== selections.length) return null
  const chances = deVig(summary.odds.map((odds) => odds / UNIT))
  return new Map(selections.map(({ name }, index) => [name, chances[index] ?? 0]))
}

/** Three of one market that sum to one, or null. */
function outcomesOf(markets: readonly MarketFacts[]): ByOutcome | null {
  const market = markets.find(({ type }) => type === 'MATCH_RESULT')
  const chances = market ? chancesOf(market) : null
  const [home, draw, away] = ['HOME', 'DRAW', 'AWAY'].map((name) => chances?.get(name) ?? 0)
  if (!home || !draw || !away) return null
  const sum = home + draw + away
  return { home: home / sum, draw: draw / sum, away: away / sum }
}

const isUsable = ({ type, line }: MarketFacts) =>
  type === 'OVER_UNDER' && line % 500 === 0 && line >= LOWEST_LINE && line <= HIGHEST_LINE

/** The total nearest the usual line; quarter lines say nothing simple. */
function totalOf(markets: readonly MarketFacts[]): MarketTotal | null {
  const distance = ({ line }: MarketFacts) => Math.abs(line - USUAL_LINE)
  const nearest = markets
    .filter(isUsable)
    .toSorted((one, other) => distance(one) - distance(other) || one.line - other.line)
  for (const market of nearest) {
    const over = chancesOf(market)?.get('OVER')
    if (over !== undefined && over > 0 && over < 1) return { line: market.line, over }
  }
  return null
}

/** Null when nobody prices the result. */
export function marketViewOf({ markets }: FixtureFacts): MarketView | null {
  const outcomes = outcomesOf(markets)
  return outcomes === null ? null : { outcomes, total: totalOf(markets) }
}
