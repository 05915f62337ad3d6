import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type OperationTypeNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql'

/** One operation of a document that is being written. */
export type WrittenOperation = {
  name: string | null
  kind: OperationTypeNode
  definition: OperationDefinitionNode
}

/** What a text holds: operations, or why it cannot be read. */
export type WrittenDocument =
  | { operations: readonly WrittenOperation[]; document: DocumentNode; complaint: null }
  | { operations: readonly []; document: null; complaint: string }

const MOST_TOKENS = 20_000

const unread = (complaint: string): WrittenDocument => ({
  operations: [],
  document: null,
  complaint,
})

function lineOf({ locations, message }: GraphQLError): string {
  const [place] = locations ?? []
  return `${place ? `Line ${place.line}: ` : ''}${message.replace('Syntax Error: ', '')}`
}

/** Why a document does not fit the schema; null where it does. */
export function misfit(schema: GraphQLSchema, document: DocumentNode): string | null {
  const errors = validate(schema, document, specifiedRules, { maxErrors: 5 })
  return errors.length > 0 ? errors.map(lineOf).join('\n') : null
}

/** Reads a document as it is typed. */
export function readDocument(text: string): WrittenDocument {
  if (text.replace(/#.*/g, '').trim() === '') {
    return unread('Write an operation, or open an example.')
  }
  try {
    const document = parse(text, { maxTokens: MOST_TOKENS })
    const operations = document.definitions.flatMap((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION
        ? [{ name: definition.name?.value ?? null, kind: definition.operation, definition }]
        : [],
    )
    if (operations.length > 0) return { operations, document, complaint: null }
    return unread('There is no operation in it, only fragments.')
  } catch (failure) {
    if (!(failure instanceof GraphQLError)) throw failure
    return unread(lineOf(failure))
  }
}

/** The one that would run: as named, or the first. */
export const chosenOperation = (
  { operations }: WrittenDocument,
  name: string | null,
): WrittenOperation | null =>
  operations.find((operation) => operation.name === name) ?? operations[0] ?? null

/** Variables as they are typed: an object, or why they are none. */
export type WrittenVariables =
  | { values: Record<string, unknown>; complaint: null }
  | { values: null; complaint: string }

export function readVariables(text: string): WrittenVariables {
  if (text.trim() === '') return { values: {}, complaint: null }
  try {
    const values: unknown = JSON.parse(text)
    if (typeof values === 'object' && values !== null && !Array.isArray(values)) {
      return { values: values as Record<string, unknown>, complaint: null }
    }
    return { values: null, complaint: 'Variables are one JSON object: { "name": value }.' }
  } catch (failure) {
    if (!(failure instanceof SyntaxError)) throw failure
    return { values: null, complaint: `The variables are no JSON: ${failure.message}` }
  }
}
