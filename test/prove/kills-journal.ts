/** What a writer asked for, once, under a key of its own. */
export type Deed = {
  kind: DeedKind
  userId: string
  key: string
  query: string
  variables: object
  /** The id that it answered, or null when it was refused. */
  id: string | null
  code: string | null
}

export type DeedKind = 'deposit' | 'bet' | 'cashOut' | 'result'

/** Refusals that an honest writer gets. */
const HONEST: Readonly<Record<DeedKind, ReadonlySet<string>>> = {
  deposit: new Set(),
  bet: new Set(['BALANCE_TOO_LOW', 'PRICE_CHANGED', 'MARKET_CLOSED', 'QUOTE_STALE']),
  cashOut: new Set(['CASH_OUT_UNAVAILABLE']),
  result: new Set(),
}

export const isAccepted = ({ code }: Deed) => code === null

export const isHonest = ({ kind, code }: Deed) => code === null || HONEST[kind].has(code)

export const describe = ({ kind, userId, key, code }: Deed) =>
  `${kind} ${key} of ${userId}${code === null ? '' : ` (${code})`}`
