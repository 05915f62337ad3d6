import { defineErrors } from '../errors.ts'

/** Refusals in place of an answer: who was asked is there, but not now. */
export const NOT_NOW: ReadonlySet<string> = new Set([
  'SERVICE_STARTING',
  'DATABASE_FULL',
  'DATABASE_OUTCOME_UNKNOWN',
  'DATABASE_UNREACHABLE',
  'SERVICE_DRAINING',
  'SERVICE_TIMEOUT',
  'SERVICE_TOKEN_WINDOW_FULL',
])

/** Refusals with status 503 at the door of a service, before it does anything of what was asked. */
export const NOT_TAKEN: ReadonlySet<string> = new Set([
  'SERVICE_STARTING',
  'SERVICE_DRAINING',
  'SERVICE_TOKEN_WINDOW_FULL',
])

/** Refusals of calls between services. */
export const serviceError = defineErrors({
  SERVICE_UNREACHABLE: 'A part of the platform cannot be reached at the moment; try again.',
  SERVICE_TIMEOUT: 'A part of the platform did not answer in time; try again.',
  SERVICE_ANSWER_INVALID: 'A part of the platform gave an answer that cannot be understood.',
  SERVICE_CALL_IN_TRANSACTION: 'Another service may not be called inside an open transaction.',
  SERVICE_QUERY_EXPECTED: 'Only a query may be asked of another subgraph this way.',
})
