/** Draws numbers in [0, 1). */
export type Random = () => number

/**
 * A seeded generator (mulberry32 by Tommy Ettinger, public domain): the same parts give the same draws for ever.
 * For simulations only, never for secrets.
 */
export function createSeededRandom(...parts: readonly number[]): Random {
  let state = parts.reduce((mixed, part) => Math.imul(mixed ^ part, 0x9e3779b1) >>> 0, 0x2545f491)
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A new list in random order. */
export function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const drawn = items.map((item) => ({ item, order: random() }))
  return drawn.sort((left, right) => left.order - right.order).map(({ item }) => item)
}
