import {
  type ExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from 'graphql'
import type { FilteredOperation } from '../access/filter-operation.ts'
import { refusalErrors } from '../access/refusals.ts'
import { JsonBytes } from './json-bytes.ts'
import { fieldsOfOperation } from './remembered-fields.ts'
import { collectFields } from './selected-fields.ts'
import { BEGINNING, shapedResult } from './shaped-result.ts'
import { type Writing, writeObject } from './write-data.ts'

/** What an operation was answered with, and what the client asked. */
export type ShapeInput = {
  operation: FilteredOperation
  /** The API schema. */
  schema: GraphQLSchema
  /** Coerced, with defaults. */
  variables: Readonly<Record<string, unknown>>
  /** Of the filtered operation; may hold more than was asked. */
  data: Readonly<Record<string, unknown>> | null
  errors: readonly (GraphQLError | GraphQLFormattedError)[]
  /** Lists and objects that stand in several places of the data. */
  shared?: ReadonlySet<object>
}

/** Whether a path lies within another, in which `@` stands for each item of a list. */
export function startsWith(
  path: readonly (string | number)[],
  prefix: readonly (string | number)[],
): boolean {
  const matches = (index: number) =>
    path[index] === prefix[index] || (prefix[index] === '@' && typeof path[index] === 'number')
  return path.length >= prefix.length && prefix.every((_segment, index) => matches(index))
}

/** A null in a place that must not be null has a cause below it; only one without needs telling. */
export function unexplained(
  invalid: readonly GraphQLError[],
  others: readonly { path?: readonly (string | number)[] | undefined }[],
): GraphQLError[] {
  const normalised = (path: readonly (string | number)[] = []) =>
    path.map((segment) => (typeof segment === 'number' ? '@' : segment))
  return invalid.filter(
    ({ path }) => !others.some((other) => startsWith(normalised(other.path), normalised(path))),
  )
}

function toGraphQLError(error: GraphQLError | GraphQLFormattedError): GraphQLError {
  if (error instanceof GraphQLError) return error
  const { message, path, extensions } = error
  return new GraphQLError(message, { path: path ?? null, extensions: extensions ?? null })
}

/** Nothing waits while an answer is written, so there is one at a time. */
const json = new JsonBytes()

/** `{"data":…}`, and what may not stand in it. */
function written({ operation, schema, variables, data, shared = new Set() }: ShapeInput) {
  const writing: Writing = {
    ...{ schema, operation, variables, json, shared },
    ...{ written: new Map(), ranges: [], path: [], invalid: [] },
  }
  const type = schema.getRootType(operation.operation.operation)
  try {
    json.ascii(BEGINNING)
    if (data && type) {
      const collected = fieldsOfOperation(operation, variables)
      collected.fields ??= collectFields(writing, collected.selections, type)
      writeObject(writing, data, collected.fields)
    } else json.null()
    json.ascii('}')
    return { body: json.take(), invalid: writing.invalid }
  } finally {
    json.clear()
  }
}

/**
 * Answers in the shape that the client asked for: its order, its aliases, null with one error each
 * where something was refused, and nothing that it did not ask for. Errors of subgraphs at refused
 * places are dropped: they would speak of what the asker may not see.
 */
export function shapeResult(input: ShapeInput): ExecutionResult {
  const { operation } = input
  const refused = refusalErrors(operation)
  if (operation.isFullyDenied) return { data: null, errors: refused }
  const heard = input.errors.filter(
    ({ path }) => !path || !refused.some((error) => error.path && startsWith(path, error.path)),
  )
  const { body, invalid } = written(input)
  const others = [...heard.map(toGraphQLError), ...refused]
  return shapedResult(body, [...others, ...unexplained(invalid, others)])
}
