/** Coerced variables of one operation, with defaults. */
export type Variables = Readonly<Record<string, unknown>>

/** A number that is known from the document alone, or as soon as the variables are. */
export type Amount = number | ((variables: Variables) => number)

/** The number that an amount is for these variables. */
export function amountFor(amount: Amount, variables: Variables): number {
  return typeof amount === 'number' ? amount : amount(variables)
}

/** The sum of amounts; what is known beforehand is added up beforehand. */
export function sumOf(amounts: readonly Amount[]): Amount {
  let known = 0
  const open: ((variables: Variables) => number)[] = []
  for (const amount of amounts) {
    if (typeof amount === 'number') known += amount
    else open.push(amount)
  }
  if (open.length === 0) return known
  return (variables) => open.reduce((sum, amount) => sum + amount(variables), known)
}

/** One amount as often as another says. */
export function productOf(left: Amount, right: Amount): Amount {
  if (typeof left === 'number' && typeof right === 'number') return left * right
  if (left === 1) return right
  if (right === 1) return left
  return (variables) => amountFor(left, variables) * amountFor(right, variables)
}

/** The larger of two amounts. */
export function largerOf(left: Amount, right: Amount): Amount {
  if (typeof left === 'number' && typeof right === 'number') return Math.max(left, right)
  return (variables) => Math.max(amountFor(left, variables), amountFor(right, variables))
}

/** One amount where a condition holds, nothing where it does not. */
export function amountIf(
  condition: boolean | ((variables: Variables) => boolean),
  amount: Amount,
): Amount {
  if (typeof condition === 'boolean') return condition ? amount : 0
  return (variables) => (condition(variables) ? amountFor(amount, variables) : 0)
}
