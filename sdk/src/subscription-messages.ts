import type { DbsbmError, PlatformError } from './errors.ts'

/** One event of a subscription. */
export type FeedEvent<Result> = {
  readonly data: Result
  /** Where to go on after this event; null where a feed gives none. */
  readonly cursor: string | null
  /** `false`: something before this event may be missing; read the present by a query. */
  readonly recovered?: boolean
  /** It stands for others before it that it replaces. */
  readonly conflated?: boolean
  /** What went wrong in a part of it; there only for who takes partial data. */
  readonly failure?: DbsbmError | null
}

/** An event as it came. */
export type Message = Pick<FeedEvent<unknown>, 'data' | 'cursor' | 'recovered' | 'conflated'> & {
  readonly errors: readonly PlatformError[]
}

/** What an event of the protocol holds. */
export function readMessage(payload: unknown): Message {
  const { data = null, errors, extensions } = Object(payload) as Record<string, unknown>
  const { cursor, recovered, conflated } = Object(extensions) as Record<string, unknown>
  return {
    data,
    errors: Array.isArray(errors) ? errors : [],
    cursor: typeof cursor === 'string' ? cursor : null,
    ...(typeof recovered === 'boolean' && { recovered }),
    ...(typeof conflated === 'boolean' && { conflated }),
  }
}
