import { HIGHEST_ODDS } from '#kernel/money.ts'
import type { MarketKey, PriceQuoted, Selection, Side } from './feed.ts'
import type { Random } from './random.ts'

/** Expected goals of both teams: the hidden truth behind a simulated match. */
export type Strengths = { readonly home: number; readonly away: number }

/** Invented bookmakers; their names say so. `margin` is the overround of each market. */
export type SimulatedSource = {
  readonly name: string
  readonly margin: number
  /** Relative distance of the lay price above the back price, or null for a bookmaker that takes no lays. */
  readonly laySpread: number | null
}

export const SIMULATED_SOURCES: readonly SimulatedSource[] = [
  { name: 'simulated-albatross', margin: 0.045, laySpread: null },
  { name: 'simulated-bison', margin: 0.06, laySpread: null },
  { name: 'simulated-exchange', margin: 0.01, laySpread: 0.02 },
]

const MOST_GOALS = 12
const ODDS_STEP = 10
const LOWEST_SIMULATED_ODDS = 1010
const STRENGTH_BOUNDS = { lowest: 0.3, highest: 3.5 } as const
const STEP_SIZE = 0.03

/** Strengths of a new match; the home team is a little stronger on average. */
export function drawStrengths(random: Random): Strengths {
  return { home: 0.9 + 1.3 * random(), away: 0.7 + 1.2 * random() }
}

/** One step of a random walk of both logarithms, kept inside bounds. */
export function walk({ home, away }: Strengths, random: Random): Strengths {
  return { home: step(home, random), away: step(away, random) }
}

function step(strength: number, random: Random): number {
  const moved = strength * Math.exp(STEP_SIZE * (2 * random() - 1))
  return Math.min(STRENGTH_BOUNDS.highest, Math.max(STRENGTH_BOUNDS.lowest, moved))
}

/** Goals of one team, drawn from the Poisson distribution by inversion. */
export function drawGoals(expected: number, random: Random): number {
  const aim = random()
  let probability = Math.exp(-expected)
  let sum = probability
  let goals = 0
  while (sum < aim && goals < MOST_GOALS) {
    goals += 1
    probability *= expected / goals
    sum += probability
  }
  return goals
}

type Chance = { readonly market: MarketKey; readonly selection: Selection; readonly chance: number }

/** Fair probabilities of all simulated markets: independent Poisson goals, the tail beyond 12 goals spread evenly. */
export function fairChances(strengths: Strengths): Chance[] {
  const home = distribution(strengths.home)
  const away = distribution(strengths.away)
  const sum = (counts: (homeGoals: number, awayGoals: number) => boolean) =>
    home.reduce((total, homeChance, homeGoals) => {
      const matching = away.filter((_chance, awayGoals) => counts(homeGoals, awayGoals))
      return total + homeChance * matching.reduce((part, awayChance) => part + awayChance, 0)
    }, 0)
  const over = sum((homeGoals, awayGoals) => homeGoals + awayGoals > 2)
  const both = sum((homeGoals, awayGoals) => homeGoals > 0 && awayGoals > 0)
  return [
    { market: RESULT, selection: 'home', chance: sum((left, right) => left > right) },
    { market: RESULT, selection: 'draw', chance: sum((left, right) => left === right) },
    { market: RESULT, selection: 'away', chance: sum((left, right) => left < right) },
    { market: GOALS, selection: 'over', chance: over },
    { market: GOALS, selection: 'under', chance: 1 - over },
    { market: BOTH, selection: 'yes', chance: both },
    { market: BOTH, selection: 'no', chance: 1 - both },
  ]
}

const RESULT: MarketKey = { type: 'match_result', line: null }
const GOALS: MarketKey = { type: 'over_under', line: 2500 }
const BOTH: MarketKey = { type: 'both_score', line: null }

function distribution(expected: number): number[] {
  const chances = [Math.exp(-expected)]
  for (let goals = 1; goals <= MOST_GOALS; goals += 1) {
    chances.push(((chances[goals - 1] ?? 0) * expected) / goals)
  }
  const total = chances.reduce((sum, chance) => sum + chance, 0)
  return chances.map((chance) => chance / total)
}

type SimulatedPrice = Pick<PriceQuoted, 'market' | 'selection' | 'side' | 'source' | 'odds'>

/** What a source quotes for a match: always the same number of prices, in the same order. */
export function quoteAll(source: SimulatedSource, strengths: Strengths): SimulatedPrice[] {
  return fairChances(strengths).flatMap(({ market, selection, chance }) => {
    const back = oddsOf(chance * (1 + source.margin))
    const price = (side: Side, odds: number) =>
      ({ market, selection, side, source: source.name, odds }) as const
    if (source.laySpread === null) return [price('back', back)]
    const lay = Math.min(HIGHEST_ODDS, stepUp(back * (1 + source.laySpread)))
    return [price('back', back), price('lay', lay)]
  })
}

function oddsOf(chance: number): number {
  const odds = Math.floor(1000 / chance / ODDS_STEP) * ODDS_STEP
  return Math.min(HIGHEST_ODDS - ODDS_STEP, Math.max(LOWEST_SIMULATED_ODDS, odds))
}

/** The next price of the ladder that is really above. */
function stepUp(odds: number): number {
  return Math.floor(odds / ODDS_STEP) * ODDS_STEP + ODDS_STEP
}
