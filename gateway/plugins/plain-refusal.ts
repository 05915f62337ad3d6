import { gatewayError } from '../errors.ts'

type PlainCode =
  | 'BAD_REQUEST'
  | 'CONSOLE_MISSING'
  | 'FIGURES_UNAVAILABLE'
  | 'METHOD_NOT_ALLOWED'
  | 'PATH_UNKNOWN'

/** A refusal as GraphQL words one, for what never came as far as GraphQL. */
export function plainRefusal(code: PlainCode): string {
  const { message, extensions } = gatewayError(code)
  return JSON.stringify({ errors: [{ message, extensions }] })
}
