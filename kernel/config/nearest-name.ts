const MAX_DISTANCE = 4

/** Levenshtein distance: least number of single-character edits between two texts. */
function editDistance(left: string, right: string): number {
  let above = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (const [row, character] of [...left].entries()) {
    const current = [row + 1]
    for (let column = 1; column <= right.length; column++) {
      const swap = (above[column - 1] ?? 0) + (right[column - 1] === character ? 0 : 1)
      current.push(Math.min(swap, (above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    above = current
  }
  return above[right.length] ?? 0
}

/** The known name nearest to a mistyped one, or null when none is near. */
export function nearestName(name: string, known: Iterable<string>): string | null {
  if (name.length > 100) return null
  let best: { name: string; distance: number } | null = null
  for (const candidate of known) {
    const distance = editDistance(name, candidate)
    if (distance <= MAX_DISTANCE && (!best || distance < best.distance)) {
      best = { name: candidate, distance }
    }
  }
  return best?.name ?? null
}
