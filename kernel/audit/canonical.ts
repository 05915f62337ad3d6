import canonicalize from 'canonicalize'

/**
 * The one text of a JSON value (RFC 8785), or null when it has none or takes more than `maxBytes`.
 */
export function canonicalText(value: unknown, maxBytes: number): string | null {
  // Through JSON first, so that dates and absent properties become what a reader will parse.
  const plain = JSON.stringify(value) as string | undefined
  if (plain === undefined) return null
  const text = canonicalOrNull(JSON.parse(plain))
  return text === null || Buffer.byteLength(text) > maxBytes ? null : text
}

/** RFC 8785 has no form for half a surrogate pair, the one thing in parsed JSON that it refuses. */
function canonicalOrNull(plain: unknown): string | null {
  try {
    return canonicalize(plain) ?? null
  } catch {
    return null
  }
}
