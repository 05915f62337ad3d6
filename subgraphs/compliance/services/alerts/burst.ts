/** An entry that a rule counts. */
export type Counted = { id: string; at: Date }

/**
 * The first run of `threshold` entries within less than the window that holds this one; null when
 * there is none. Entries may arrive in another order than they happened: what counts is when.
 */
export function findBurst(
  entries: readonly Counted[],
  { id, threshold, windowMs }: { id: string; threshold: number; windowMs: number },
): readonly Counted[] | null {
  const inOrder = entries.toSorted(
    (left, right) =>
      left.at.getTime() - right.at.getTime() || Number(BigInt(left.id) - BigInt(right.id)),
  )
  const place = inOrder.findIndex((entry) => entry.id === id)
  if (place < 0) return null
  for (let start = Math.max(0, place - threshold + 1); start <= place; start++) {
    const run = inOrder.slice(start, start + threshold)
    const [first, last] = [run[0], run.at(-1)]
    if (run.length < threshold || !first || !last) return null
    if (last.at.getTime() - first.at.getTime() < windowMs) return run
  }
  return null
}
