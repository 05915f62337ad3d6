/** One range of an `Accept` header: as it stands there, and read. */
export type AcceptRange = {
  text: string
  type: string
  parameters: ReadonlyMap<string, string>
  weight: number
}

const LONGEST = 1024
const WEIGHTED = /;\s*q\s*=/i

function rangeOf(text: string): AcceptRange {
  const [type = '', ...parameters] = text
    .toLowerCase()
    .replaceAll(/[\s"']/g, '')
    .split(';')
  const pairs = parameters.map((parameter) => parameter.split('=', 2))
  const read = new Map(pairs.map(([name = '', value = '']) => [name, value]))
  return { text: text.trim(), type, parameters: read, weight: Number(read.get('q') ?? 1) }
}

/** What an `Accept` header wants (RFC 9110, 12.5.1), what it likes best first. */
export function acceptRanges(accept: string): AcceptRange[] {
  return accept
    .slice(0, LONGEST)
    .split(',')
    .map(rangeOf)
    .filter(({ weight }) => weight > 0)
    .sort((one, other) => other.weight - one.weight)
}

/**
 * An `Accept` header in the order of its weights, without what it does not want: who reads it
 * afterwards takes the first that will do. As it was where nothing of it is wanted.
 */
export function orderedAccept(accept: string): string {
  if (accept.length > LONGEST || !WEIGHTED.test(accept)) return accept
  const ranges = acceptRanges(accept)
  return ranges.length === 0 ? accept : ranges.map(({ text }) => text).join(', ')
}
