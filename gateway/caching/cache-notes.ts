import type { Sharing } from '../access/scope-rules.ts'

/** What one answer of a subgraph says of its life, and on whom the gateway knows it to depend. */
export type CacheNote = { cacheControl: string | undefined; sharing: Sharing }

/** How long a whole answer may be kept, and by whom. */
export type CachePolicy = { maxAgeSeconds: number; isPersonal: boolean }

/** Gathers what the parts of one answer say. */
export type CacheNotes = {
  note: (part: CacheNote) => void
  /** The least of all parts; null: nothing may be kept. */
  policy: () => CachePolicy | null
}

const LONGEST = 512
const LONGEST_LIFE_SECONDS = 31_536_000
const DIGITS = /^\d{1,10}$/

/** The directives of a `Cache-Control` that matter to whoever keeps an answer (RFC 9111, 5.2.2). */
function read(header: string | undefined): CachePolicy | null {
  if (!header || header.length > LONGEST) return null
  const directives = new Map<string, string>()
  for (const part of header.toLowerCase().split(',')) {
    const [name = '', value = ''] = part.split('=', 2)
    // Of two that differ neither is believed.
    directives.set(name.trim(), directives.has(name.trim()) ? '' : value.trim())
  }
  const age = directives.get('max-age') ?? ''
  const isKept = DIGITS.test(age) && Number(age) > 0
  if (!isKept || directives.has('no-store') || directives.has('no-cache')) return null
  const maxAgeSeconds = Math.min(Number(age), LONGEST_LIFE_SECONDS)
  return { maxAgeSeconds, isPersonal: directives.has('private') }
}

/** An answer lives as long as the part that lives shortest, and is as personal as any of them. */
export function createCacheNotes(): CacheNotes {
  let least: CachePolicy | null | undefined
  return {
    note({ cacheControl, sharing }) {
      const part = read(cacheControl)
      if (least === null || part === null) {
        least = null
        return
      }
      least = {
        maxAgeSeconds: Math.min(
          least?.maxAgeSeconds ?? Number.POSITIVE_INFINITY,
          part.maxAgeSeconds,
        ),
        isPersonal: least?.isPersonal === true || part.isPersonal || sharing !== 'everyone',
      }
    },
    policy: () => least ?? null,
  }
}
