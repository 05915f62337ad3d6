/** How a bet may end; the probabilities of the five sum to one. Half outcomes belong to quarter lines. */
export type BetShares = {
  readonly win: number
  readonly halfWin: number
  readonly push: number
  readonly halfLoss: number
  readonly loss: number
}

const QUARTER_GOAL = 250

/**
 * The shares of a bet whose score beats its line by a margin of goals (thousandths): above a quarter it is won, at a
 * quarter half won, at nothing returned, and so on down.
 */
export function sharesOf<Cell extends { readonly probability: number }>(
  cells: readonly Cell[],
  marginOf: (cell: Cell) => number,
): BetShares {
  let [win, halfWin, push, halfLoss, loss] = [0, 0, 0, 0, 0]
  for (const cell of cells) {
    const margin = marginOf(cell)
    if (margin > QUARTER_GOAL) win += cell.probability
    else if (margin < -QUARTER_GOAL) loss += cell.probability
    else if (margin === 0) push += cell.probability
    else if (margin > 0) halfWin += cell.probability
    else halfLoss += cell.probability
  }
  return { win, halfWin, push, halfLoss, loss }
}

/**
 * The chance at which fair odds are its inverse: what is won divided by all that is decided, half ends counting half.
 * A bet at those odds is worth nothing on average.
 */
export function fairProbability({ win, halfWin, halfLoss, loss }: BetShares): number {
  const won = win + halfWin / 2
  return won / (won + loss + halfLoss / 2)
}
