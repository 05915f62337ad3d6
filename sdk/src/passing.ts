import { isDbsbmError } from './errors.ts'

const BUSY: ReadonlySet<number | null> = new Set([429, 502, 503, 504])

const PASSING: ReadonlySet<string> = new Set([
  ...['BUDGET_EXHAUSTED', 'OPERATION_RATE_LIMIT', 'PLANNING_OVERLOADED', 'SERVICE_DRAINING'],
  ...['SERVICE_STARTING', 'IDENTITY_UNREACHABLE', 'SUBGRAPH_UNREACHABLE', 'SUBGRAPH_TIMEOUT'],
  ...['SUBSCRIPTION_INTERRUPTED', 'EVENTS_CLOSED', 'DATABASE_BUSY', 'DATABASE_UNREACHABLE'],
])

/** Whether what a code says passes by itself, whenever it is told, over HTTP even with status 200. */
export const isPassing = (code: string): boolean => PASSING.has(code)

/** Whether the same question may be answered in a moment. */
export function isTransient(failure: unknown): boolean {
  if (!isDbsbmError(failure)) return false
  const { code, status } = failure
  return code === 'NETWORK_UNREACHABLE' || BUSY.has(status) || isPassing(code)
}
