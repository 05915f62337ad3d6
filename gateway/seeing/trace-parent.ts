import type { SpanContext } from '@opentelemetry/api'

const LONGEST = 256
const TRACEPARENT =
  /^(?!ff)([0-9a-f]{2})-((?!0{32})[0-9a-f]{32})-((?!0{16})[0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const SAMPLED = 1

/**
 * Reads a `traceparent` (W3C Trace Context, section 3.2); null for all that is none. Later versions
 * are read as far as this one goes, as the standard asks.
 */
export function parseTraceparent(text: unknown): SpanContext | null {
  if (typeof text !== 'string' || text.length > LONGEST) return null
  const [, version, traceId, spanId, flags, more] = TRACEPARENT.exec(text) ?? []
  if (!traceId || !spanId || !flags || (version === '00' && more !== undefined)) return null
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & SAMPLED, isRemote: true }
}

/** The header by which the next service joins the trace. */
export const writeTraceparent = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags & SAMPLED ? '01' : '00'}`
