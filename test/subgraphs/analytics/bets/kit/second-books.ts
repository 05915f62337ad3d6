import { type SecondLeg, secondPayout } from './second-calculation.ts'

/** A score, an abandoned game, or null while neither is known. */
export type SecondResult = SecondLeg['result']

export type SecondBet = {
  player: string
  stake: bigint
  legs: readonly (Omit<SecondLeg, 'result'> & { game: string })[]
  /** What it was sold for; null while it was not. */
  sold: bigint | null
}

/**
 * Everybody's money, kept a second time: no double entry, no settlements and no reversals, only what was paid in and
 * out, what is staked and what bets pay by the results as they stand.
 */
export function createSecondBooks() {
  const paidIn = new Map<string, bigint>()
  const paidOut = new Map<string, bigint>()
  const results = new Map<string, SecondResult>()
  const bets: SecondBet[] = []
  const payoutOf = ({ stake, legs, sold }: SecondBet): bigint | null => {
    if (sold !== null) return sold
    const known = legs.map((leg) => ({ ...leg, result: results.get(leg.game) ?? null }))
    return secondPayout(stake, known)
  }
  return {
    bets,
    payoutOf,
    deposit: (player: string, amount: bigint) => {
      paidIn.set(player, (paidIn.get(player) ?? 0n) + amount)
    },
    payOut: (player: string, amount: bigint) => {
      paidOut.set(player, (paidOut.get(player) ?? 0n) + amount)
    },
    decide: (game: string, result: SecondResult) => {
      results.set(game, result)
    },
    resultOf: (game: string): SecondResult => results.get(game) ?? null,
    /**
     * What a player has in minor units, free or about to be withdrawn: below 0 neither is left, and it is a debt.
     */
    worthOf: (player: string): bigint =>
      bets
        .filter((bet) => bet.player === player)
        .reduce(
          (worth, bet) => worth - bet.stake + (payoutOf(bet) ?? 0n),
          (paidIn.get(player) ?? 0n) - (paidOut.get(player) ?? 0n),
        ),
  }
}
