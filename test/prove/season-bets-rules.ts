/**
 * What bets pay, written from the stated rules alone: integers and exact fractions, nothing of the product. Odds and lines
 * are in thousandths, amounts in minor units.
 */
export type Goals = readonly [home: number, away: number]

export type RuledLeg = {
  market: string
  line: number
  pick: string
  odds: number
  /** Null while it is not known. */
  result: Goals | 'abandoned' | null
}

/** Half a stake goes to each of two neighbouring lines; on a whole or half line both halves are on the same. */
type Half = 'win' | 'back' | 'lose'

const signOf = (value: number): Half => (value > 0 ? 'win' : value < 0 ? 'lose' : 'back')

/** Thousandths by which a pick is ahead of `line`. */
function lead({ market, pick }: RuledLeg, line: number, [home, away]: Goals): number {
  const isYes = home > 0 && away > 0
  const winner = home > away ? 'home' : home < away ? 'away' : 'draw'
  const turn = pick === 'away' || pick === 'under' ? -1 : 1
  if (market === 'match_result') return winner === pick ? 1 : -1
  if (market === 'both_score') return (pick === 'yes') === isYes ? 1 : -1
  if (market === 'draw_no_bet') return turn * (home - away)
  if (market === 'handicap') return turn * ((home - away) * 1_000 + line)
  if (market === 'over_under') return turn * ((home + away) * 1_000 - line)
  throw new Error(`nobody stated how ${market} ends`)
}

function halvesOf(leg: RuledLeg): readonly [Half, Half] {
  if (leg.result === null) throw new Error('this leg is open')
  if (leg.result === 'abandoned') return ['back', 'back']
  const { line, result } = leg
  const quarter = line % 500 === 0 ? 0 : 250
  const half = (at: number) => signOf(lead(leg, at, result))
  return [half(line - quarter), half(line + quarter)]
}

/** Two-thousandths that both halves of one unit become together. */
const RETURNS: Record<Half, (odds: number) => bigint> = {
  win: (odds) => BigInt(odds),
  back: () => 1_000n,
  lose: () => 0n,
}

const WHOLE = 2_000n

/** What two thousand units on a leg become; an open one counts as won. */
const worthOf = (leg: RuledLeg): bigint =>
  leg.result === null
    ? 2n * BigInt(leg.odds)
    : halvesOf(leg).reduce((sum, half) => sum + RETURNS[half](leg.odds), 0n)

export type Verdict = { outcome: string; payout: bigint }

const LEG_OUTCOMES: Readonly<Record<string, string>> = {
  'win win': 'won',
  'lose lose': 'lost',
  'back back': 'void',
  'back win': 'half_won',
  'back lose': 'half_lost',
}

/** How a leg ended; `void` also where its line was met exactly. */
export function legOutcome(leg: RuledLeg): string {
  const halves = [...halvesOf(leg)].sort().join(' ')
  const outcome = LEG_OUTCOMES[halves]
  if (outcome === undefined) throw new Error(`no leg ends as ${halves}`)
  return outcome
}

const least = (one: bigint, other: bigint) => (one < other ? one : other)

/** Stake × product of the legs, rounded half up once. */
export function payoutOf(stake: bigint, legs: readonly RuledLeg[]): bigint {
  const above = legs.reduce((product, leg) => product * worthOf(leg), stake)
  const below = WHOLE ** BigInt(legs.length)
  const whole = above / below
  return 2n * (above % below) >= below ? whole + 1n : whole
}

/** Null while a bet is open: no leg is lost and not all have ended. */
export function verdictOf(stake: bigint, legs: readonly RuledLeg[]): Verdict | null {
  const ended = legs.filter(({ result }) => result !== null).map(legOutcome)
  if (ended.includes('lost')) return { outcome: 'lost', payout: 0n }
  if (ended.length < legs.length) return null
  const counting = ended.filter((outcome) => outcome !== 'void')
  const payout = payoutOf(stake, legs)
  if (counting.length < 2) return { outcome: counting[0] ?? 'void', payout }
  return { outcome: counting.every((outcome) => outcome === 'won') ? 'won' : 'mixed', payout }
}

/** All odds multiplied, rounded down, shown as at most 1000.00. */
export function combinedOdds(odds: readonly number[]): number {
  const above = odds.reduce((product, one) => product * BigInt(one), 1_000n)
  return Number(least(above / 1_000n ** BigInt(odds.length), 1_000_000n))
}

/**
 * Stake × odds over current odds of open legs × what ended legs became × (1 − fee), rounded down;
 * null when nothing is left. `current` is read for open legs alone.
 */
export function cashOutOf(
  stake: bigint,
  legs: readonly (RuledLeg & { current: number })[],
  feeBasisPoints: number,
): bigint | null {
  let above = stake * BigInt(10_000 - feeBasisPoints)
  let below = 10_000n
  for (const leg of legs) {
    const isOpen = leg.result === null
    above *= isOpen ? BigInt(leg.odds) : worthOf(leg)
    below *= isOpen ? BigInt(leg.current) : WHOLE
  }
  const value = above / below
  return value > 0n ? value : null
}
