import { type ExecutionResult, execute, type GraphQLError, type GraphQLSchema } from 'graphql'
import type { FilteredOperation } from '../access/filter-operation.ts'
import type { SplitOperation } from './split-introspection.ts'

/** A part of an answer, in the shape of the operation that was executed for it. */
export type Answered = {
  data: NonNullable<ExecutionResult['data']> | null
  errors: readonly GraphQLError[]
  /** See `Fetched`. */
  shared?: ReadonlySet<object>
}

/** Answers what an operation asks of the schema itself, if anything. */
export async function askSchema(
  { introspection }: SplitOperation,
  { operation, variables }: { operation: FilteredOperation; variables: Record<string, unknown> },
  schema: GraphQLSchema,
): Promise<Answered> {
  if (!introspection) return { data: {}, errors: [] }
  const { operationName, visibleSchema } = operation
  const answer = await execute({
    schema: visibleSchema?.() ?? schema,
    document: introspection,
    operationName,
    variableValues: variables,
  })
  return { data: answer.data ?? null, errors: answer.errors ?? [] }
}
