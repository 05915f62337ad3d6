import { type ExecutionResult, GraphQLError } from 'graphql'
import type { DomainError } from '#kernel/errors.ts'

/** The last that a subscriber hears: why the stream ends. */
export function lastWord({ message, extensions }: DomainError): ExecutionResult {
  return { errors: [new GraphQLError(message, { extensions })] }
}
