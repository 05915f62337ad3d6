import { type DocumentNode, GraphQLError, parse } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { type DocumentWeight, weighDocument } from '../demand/document-weight.ts'
import type { OperationLimits } from '../demand/operation-limits.ts'
import { gatewayError } from '../errors.ts'
import { measureOperation, type OperationSize } from './operation-size.ts'
import { refuseNulInDocument } from './refuse-input.ts'

const TOO_MANY_TOKENS = 'Document contains more that'

/** Which bound each measure has, and what crossing it is called; the first one crossed is said. */
const BOUNDS = [
  { measure: 'depth', limit: 'depth', code: 'MAX_DEPTH_LIMIT' },
  { measure: 'aliases', limit: 'aliases', code: 'MAX_ALIASES_LIMIT' },
  { measure: 'rootFields', limit: 'rootFields', code: 'MAX_ROOT_FIELDS_LIMIT' },
  { measure: 'height', limit: 'height', code: 'MAX_HEIGHT_LIMIT' },
  { measure: 'introspections', limit: 'introspections', code: 'MAX_INTROSPECTION_LIMIT' },
  { measure: 'introspectionLists', limit: 'introspectionLists', code: 'MAX_INTROSPECTION_LIMIT' },
  { measure: 'introspectionDepth', limit: 'introspectionDepth', code: 'MAX_INTROSPECTION_LIMIT' },
  { measure: 'directives', limit: 'directives', code: 'MAX_DIRECTIVES_LIMIT' },
  { measure: 'directivesAtOnce', limit: 'directivesAtOnce', code: 'MAX_DIRECTIVES_LIMIT' },
  { measure: 'variables', limit: 'variables', code: 'MAX_VARIABLES_LIMIT' },
  { measure: 'inputDepth', limit: 'inputDepth', code: 'MAX_INPUT_DEPTH_LIMIT' },
  { measure: 'fragments', limit: 'fragments', code: 'MAX_FRAGMENTS_LIMIT' },
  { measure: 'repeats', limit: 'repeats', code: 'MAX_REPEATS_LIMIT' },
] as const satisfies readonly {
  measure: keyof (OperationSize & DocumentWeight)
  limit: keyof OperationLimits
  code: string
}[]

/** Refuses documents that cost more to look at than they are worth, before they are validated. */
export function useLimits(limits: OperationLimits): Plugin {
  return {
    onParse({ setParseFn }) {
      setParseFn((source: string) => parseWithin(limits, source))
    },
  }
}

/**
 * Parses a document within the limits.
 * @throws MAX_TOKENS_LIMIT, MAX_DEPTH_LIMIT, MAX_ALIASES_LIMIT, MAX_ROOT_FIELDS_LIMIT,
 * MAX_HEIGHT_LIMIT, MAX_INTROSPECTION_LIMIT, MAX_DIRECTIVES_LIMIT, MAX_VARIABLES_LIMIT,
 * MAX_INPUT_DEPTH_LIMIT, MAX_FRAGMENTS_LIMIT, MAX_REPEATS_LIMIT or TEXT_INVALID, and a GraphQLError of code
 * GRAPHQL_PARSE_FAILED for what is no document.
 */
export function parseWithin(limits: OperationLimits, source: string): DocumentNode {
  try {
    const document = parse(source, { maxTokens: limits.tokens })
    checkSize(limits, { ...measureOperation(document), ...weighDocument(document) })
    refuseNulInDocument(source, document)
    return document
  } catch (cause) {
    // The parser descends once per nesting: a document can be deeper than the stack.
    if (cause instanceof RangeError) throw gatewayError('MAX_DEPTH_LIMIT', {}, { cause })
    if (!(cause instanceof GraphQLError)) throw cause
    if (cause.message.includes(TOO_MANY_TOKENS)) throw gatewayError('MAX_TOKENS_LIMIT')
    throw new GraphQLError(cause.message, {
      source: cause.source,
      positions: cause.positions,
      extensions: { code: 'GRAPHQL_PARSE_FAILED', http: { spec: true, status: 400 } },
    })
  }
}

function checkSize(limits: OperationLimits, size: OperationSize & DocumentWeight): void {
  for (const { measure, limit, code } of BOUNDS) {
    const allowed = limits[limit]
    if (size[measure] > allowed) throw gatewayError(code, { allowed, found: size[measure] })
  }
}
