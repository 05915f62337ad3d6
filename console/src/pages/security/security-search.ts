/** Which security events are shown, as it stands in the address. */
export type SecuritySearch = { type?: string; userId?: string }

const textIn = (value: unknown): string | null =>
  typeof value === 'string' && value.trim() !== '' ? value.slice(0, 64) : null

/** Whatever an address says, bounded. */
export function parseSecuritySearch(search: Record<string, unknown>): SecuritySearch {
  const type = textIn(search.type)
  const userId = textIn(typeof search.userId === 'number' ? String(search.userId) : search.userId)
  return { ...(type ? { type } : {}), ...(userId ? { userId } : {}) }
}
