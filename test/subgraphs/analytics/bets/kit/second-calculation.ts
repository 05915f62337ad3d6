/**
 * What bets pay, calculated a second time: written from the rules of betting alone, by another road than the product's.
 * A quarter line is really split into two bets, and a multiple into all combinations of them.
 */
export type SecondLeg = {
  market: string
  /** Goals, not thousandths. */
  line: number
  pick: string
  /** Thousandths. */
  odds: number
  /** Null while it is not known. */
  result: readonly [home: number, away: number] | 'abandoned' | null
}

type Fate = 'right' | 'level' | 'wrong'

const compare = (left: number, right: number): Fate =>
  left > right ? 'right' : left < right ? 'wrong' : 'level'

const turned: Record<Fate, Fate> = { right: 'wrong', level: 'level', wrong: 'right' }

function fateOf(
  { market, pick }: SecondLeg,
  line: number,
  [home, away]: readonly [number, number],
) {
  switch (`${market} ${pick}`) {
    case 'match_result home':
      return home > away ? 'right' : 'wrong'
    case 'match_result away':
      return home < away ? 'right' : 'wrong'
    case 'match_result draw':
      return home === away ? 'right' : 'wrong'
    case 'draw_no_bet home':
      return compare(home, away)
    case 'draw_no_bet away':
      return compare(away, home)
    case 'both_score yes':
      return home * away > 0 ? 'right' : 'wrong'
    case 'both_score no':
      return home * away > 0 ? 'wrong' : 'right'
    case 'over_under over':
      return compare(home + away, line)
    case 'over_under under':
      return turned[compare(home + away, line)]
    case 'handicap home':
      return compare(home + line, away)
    case 'handicap away':
      return turned[compare(home + line, away)]
    default:
      throw new Error(`${market} has no ${pick}`)
  }
}

/** The fates of the halves of a stake: two for a quarter line, else one. */
function fatesOf(leg: SecondLeg): Fate[] {
  if (leg.result === null) throw new Error('the leg is open')
  if (leg.result === 'abandoned') return ['level']
  const { result } = leg
  const lines = Number.isInteger(leg.line * 2) ? [leg.line] : [leg.line - 0.25, leg.line + 0.25]
  return lines.map((line) => fateOf(leg, line, result))
}

const returns: Record<Fate, (odds: number) => bigint> = {
  right: (odds) => BigInt(odds),
  level: () => 1_000n,
  wrong: () => 0n,
}

/** What a bet pays in minor units, or null while that is open. */
export function secondPayout(stake: bigint, legs: readonly SecondLeg[]) {
  const known = legs.filter(({ result }) => result !== null)
  const isLost = known.some((leg) => fatesOf(leg).every((fate) => fate === 'wrong'))
  if (isLost) return 0n
  if (known.length < legs.length) return null
  let combinations = [1n]
  let parts = 1n
  for (const leg of legs) {
    const ways = fatesOf(leg).map((fate) => returns[fate](leg.odds))
    combinations = combinations.flatMap((sofar) => ways.map((way) => sofar * way))
    parts *= 1_000n * BigInt(ways.length)
  }
  const total = stake * combinations.reduce((sum, one) => sum + one, 0n)
  return total / parts + ((total % parts) * 2n >= parts ? 1n : 0n)
}
