/** Which security events are shown and which is open, as it stands in the address. */
export type SecuritySearch = {
  type?: string
  userId?: string
  /** The event that is open. */
  event?: string
  /** When that event happened: by it, whoever is sent the address finds the event. */
  at?: string
}

const textIn = (value: unknown): string | null =>
  typeof value === 'string' && value.trim() !== '' ? value.slice(0, 100) : null

/** An id as it was written; a number that lost digits on its way is none. */
const idIn = (value: unknown): string | null => {
  const text = Number.isSafeInteger(value) ? String(value) : value
  return typeof text === 'string' && /^\d{1,19}$/.test(text) ? text : null
}

const timeIn = (value: unknown): string | null =>
  typeof value === 'string' && /^[\d:.TZ-]{10,30}$/.test(value) && !Number.isNaN(Date.parse(value))
    ? value
    : null

/** Whatever an address says, bounded. */
export function parseSecuritySearch(search: Record<string, unknown>): SecuritySearch {
  const type = textIn(search.type)
  const userId = idIn(search.userId)
  const event = idIn(search.event)
  const at = timeIn(search.at)
  return {
    ...(type ? { type } : {}),
    ...(userId ? { userId } : {}),
    ...(event && at ? { event, at } : {}),
  }
}
