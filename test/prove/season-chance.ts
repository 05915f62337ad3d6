/** Chance that a run can be repeated with. */
export type Chance = {
  /** A whole number from `from` up to and without `to`. */
  between: (from: number, to: number) => number
  /** As many of them, ascending. */
  places: (count: number, to: number) => number[]
}

/** The generator mulberry32 (Tommy Ettinger, public domain). */
export function createChance(seed: number): Chance {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (from: number, to: number) => from + Math.floor(next() * (to - from))
  return {
    between,
    places: (count, to) =>
      Array.from({ length: count }, () => between(1, to)).sort((left, right) => left - right),
  }
}
