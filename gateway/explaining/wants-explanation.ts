import { gatewayError } from '../errors.ts'
import type { OperationContext } from '../plugins/asking.ts'

/**
 * Whether an operation is to be explained in place of being executed.
 * @throws EXPLAIN_INVALID, EXPLAIN_NOT_SUPPORTED
 */
export function wantsExplanation({
  asking,
  params,
}: Pick<OperationContext, 'asking' | 'params'>): boolean {
  const wish: unknown = params.extensions?.explain
  if (wish === undefined || wish === false) return false
  if (wish !== true) throw gatewayError('EXPLAIN_INVALID')
  if (asking.channel !== 'http') throw gatewayError('EXPLAIN_NOT_SUPPORTED')
  return true
}
