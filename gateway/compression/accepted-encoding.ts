import { LRUCache } from 'lru-cache'

/** What answers are compressed with; the first one is preferred where a client has no preference. */
export const ENCODINGS = ['br', 'gzip'] as const
export type Encoding = (typeof ENCODINGS)[number]

/** Browsers send a handful; whoever sends more than that makes no sense. */
const LONGEST = 256
const QUALITY = /^q=(0(\.\d{0,3})?|1(\.0{0,3})?)$/

function qualitiesOf(header: string): ReadonlyMap<string, number> {
  const entries = header
    .toLowerCase()
    .replaceAll(/[ \t]/g, '')
    .split(',')
    .map((part) => {
      const [coding = '', parameter] = part.split(';', 2)
      // A weight that cannot be read is none that was wished.
      const quality = parameter === undefined ? '1' : (QUALITY.exec(parameter)?.[1] ?? '0')
      return [coding === 'x-gzip' ? 'gzip' : coding, Number(quality)] as const
    })
  return new Map(entries)
}

function choose(header: string): Encoding | null {
  const qualities = qualitiesOf(header)
  const others = qualities.get('*') ?? 0
  const identity = qualities.get('identity') ?? 0
  let best: Encoding | null = null
  let highest = 0
  for (const encoding of ENCODINGS) {
    const quality = qualities.get(encoding) ?? others
    // Unless it was named as the better one, identity is what is left when nothing else is taken.
    if (quality > highest && quality >= identity) {
      best = encoding
      highest = quality
    }
  }
  return best
}

const chosen = new LRUCache<string, { encoding: Encoding | null }>({
  max: 256,
  memoMethod: (header) => ({ encoding: choose(header) }),
})

/** What to compress an answer with, by `Accept-Encoding` (RFC 9110, 12.5.3); null: with nothing. */
export function acceptedEncoding(header: string | null | undefined): Encoding | null {
  if (!header || header.length > LONGEST) return null
  return chosen.memo(header).encoding
}
