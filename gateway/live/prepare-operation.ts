import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  getOperationAST,
} from 'graphql'
import { gatewayError } from '../errors.ts'
import type { Asking } from '../plugins/asking.ts'
import type { HttpDoor } from '../server.ts'

/** An operation made ready by the same pipeline that serves HTTP; running it never rejects. */
export type PreparedOperation = ExecutionArgs & {
  rootValue: {
    execute: (args: ExecutionArgs) => unknown
    subscribe: (args: ExecutionArgs) => unknown
  }
}

type AskedOperation = {
  query?: string | null | undefined
  operationName?: string | null | undefined
  variables?: Record<string, unknown> | null | undefined
}

/** Takes an operation whose document is there through the pipeline that serves HTTP. */
export async function prepareOperation(
  door: HttpDoor,
  payload: AskedOperation,
  asking: Asking,
): Promise<PreparedOperation | GraphQLError[]> {
  const { query, operationName, variables } = payload
  if (typeof query !== 'string') throw gatewayError('BAD_REQUEST')
  const pipeline = door.getEnveloped({ asking, params: payload })
  const document: DocumentNode = pipeline.parse(query)
  const invalid: readonly unknown[] = pipeline.validate(pipeline.schema, document)
  if (invalid.length > 0) return invalid.filter((error) => error instanceof GraphQLError)
  if (!getOperationAST(document, operationName)) throw gatewayError('OPERATION_UNKNOWN')
  const contextValue: unknown = await pipeline.contextFactory()
  return {
    schema: pipeline.schema,
    document,
    operationName,
    variableValues: variables,
    contextValue,
    rootValue: {
      execute: (args) => answered(() => pipeline.execute(args)),
      subscribe: (args) => answered(() => pipeline.subscribe(args)),
    },
  }
}

/** A failure here would close the whole connection; it concerns one operation. */
async function answered(work: () => unknown): Promise<ExecutionResult> {
  try {
    return (await work()) as ExecutionResult
  } catch (failure) {
    const error =
      failure instanceof GraphQLError
        ? failure
        : new GraphQLError('Unexpected error.', { originalError: asError(failure) })
    return { errors: [error] }
  }
}

function asError(failure: unknown): Error {
  return failure instanceof Error ? failure : new Error(String(failure))
}
