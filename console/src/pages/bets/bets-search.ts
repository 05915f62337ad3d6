/** Which bets are shown, as it stands in the address. */
export type BetsSearch = { status: 'all' | 'open' | 'settled' }

const STATUSES = ['all', 'open', 'settled'] as const

/** Whatever an address says, bounded. */
export function parseBetsSearch({ status }: Record<string, unknown>): BetsSearch {
  return { status: STATUSES.find((name) => name === status) ?? 'all' }
}
