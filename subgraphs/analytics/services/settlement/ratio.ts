/** An exact fraction of whole numbers; the denominator is positive. Money is never a float. */
export type Ratio = { readonly numerator: bigint; readonly denominator: bigint }

export const ratio = (numerator: bigint, denominator = 1n): Ratio => ({ numerator, denominator })

export const ONE = ratio(1n)

/** The product of all factors, not shortened. */
export function product(factors: readonly Ratio[]): Ratio {
  return factors.reduce(
    (total, factor) =>
      ratio(total.numerator * factor.numerator, total.denominator * factor.denominator),
    ONE,
  )
}

/** `amount` times a factor that is not negative, rounded down to a whole unit. */
export const timesDown = (amount: bigint, { numerator, denominator }: Ratio): bigint =>
  (amount * numerator) / denominator

/** `amount` times a factor that is not negative, rounded to the nearest whole unit, half up. */
export const timesHalfUp = (amount: bigint, { numerator, denominator }: Ratio): bigint =>
  (2n * amount * numerator + denominator) / (2n * denominator)

/** The highest amount whose `timesHalfUp` by a factor above 0 is at most `most`. */
export const highestTimesHalfUp = (most: bigint, { numerator, denominator }: Ratio): bigint =>
  ((2n * most + 1n) * denominator - 1n) / (2n * numerator)
