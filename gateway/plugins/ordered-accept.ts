const LONGEST = 1024
const WEIGHT = /;\s*q\s*=\s*([\d.]+)/i

function weightOf(range: string): number {
  const weight = Number(WEIGHT.exec(range)?.[1] ?? 1)
  return Number.isFinite(weight) ? weight : 1
}

/**
 * An `Accept` header in the order of its weights (RFC 9110, 12.5.1), without what it does not want:
 * who reads it afterwards takes the first that will do. As it was where nothing of it is wanted.
 */
export function orderedAccept(accept: string): string {
  if (accept.length > LONGEST || !WEIGHT.test(accept)) return accept
  const ranges = accept
    .split(',')
    .map((range) => ({ range: range.trim(), weight: weightOf(range) }))
    .filter(({ weight }) => weight > 0)
    .sort((one, other) => other.weight - one.weight)
  return ranges.length === 0 ? accept : ranges.map(({ range }) => range).join(', ')
}
