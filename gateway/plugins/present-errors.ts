import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { DomainError } from '#kernel/errors.ts'
import type { Logger } from '#kernel/log.ts'
import { gatewayError } from '../errors.ts'
import { isRecord } from '../transport/answer.ts'

/** For whom errors are worded, and where what is kept from them goes. */
export type ErrorAudience = {
  requestId: string
  log: Logger
  /** Told the code of each. */
  count?: ((code: unknown) => void) | undefined
}

/** `spec`: 200 to clients of plain JSON, to whom every answer of GraphQL is one. */
type HttpAnswer = { status: number; headers?: Record<string, string>; spec?: true }

const UNAUTHENTICATED: HttpAnswer = {
  status: 401,
  headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
}

/** Codes that decide the HTTP status; every other refusal is an answer like any other. */
const HTTP_OF_CODE: Readonly<Record<string, HttpAnswer>> = {
  API_KEY_INVALID: UNAUTHENTICATED,
  TOKEN_EXPIRED: UNAUTHENTICATED,
  TOKEN_INVALID: UNAUTHENTICATED,
  TOKEN_REVOKED: UNAUTHENTICATED,
  BATCHING_NOT_SUPPORTED: { status: 400 },
  BATCH_LIMIT: { status: 400 },
  BODY_TOO_LARGE: { status: 413 },
  BUDGET_EXHAUSTED: { status: 429 },
  STREAM_NOT_ACCEPTED: { status: 406 },
  CANNOT_SEND_PQ_ID_AND_BODY: { status: 400 },
  CONNECTION_LIMIT: { status: 503, headers: { 'retry-after': '1' } },
  CLIENT_CONNECTION_LIMIT: { status: 429, headers: { 'retry-after': '1' } },
  COST_ESTIMATED_TOO_EXPENSIVE: { status: 400 },
  COST_INVALID_SLICING_ARGUMENTS: { status: 400 },
  CSRF_REFUSED: { status: 403 },
  DOCUMENT_ID_INVALID: { status: 400 },
  EXPLAIN_INVALID: { status: 400 },
  IDENTITY_UNREACHABLE: { status: 503, headers: { 'retry-after': '1' } },
  MAX_ALIASES_LIMIT: { status: 400 },
  MAX_DEPTH_LIMIT: { status: 400 },
  MAX_DIRECTIVES_LIMIT: { status: 400 },
  MAX_FRAGMENTS_LIMIT: { status: 400 },
  MAX_INPUT_DEPTH_LIMIT: { status: 400 },
  MAX_REPEATS_LIMIT: { status: 400 },
  MAX_VARIABLES_LIMIT: { status: 400 },
  MAX_HEIGHT_LIMIT: { status: 400 },
  MAX_INTROSPECTION_LIMIT: { status: 400 },
  MAX_ROOT_FIELDS_LIMIT: { status: 400 },
  MAX_TOKENS_LIMIT: { status: 400 },
  OPERATION_UNKNOWN: { status: 400 },
  PERSISTED_QUERY_HASH_MISMATCH: { status: 400 },
  PERSISTED_QUERY_ID_REQUIRED: { status: 400 },
  PERSISTED_QUERY_NOT_FOUND: { status: 404, spec: true },
  PERSISTED_QUERY_NOT_IN_LIST: { status: 404 },
  PERSISTED_QUERY_NOT_SUPPORTED: { status: 400, spec: true },
  QUERY_NOT_IN_SAFELIST: { status: 403 },
  PLANNING_OVERLOADED: { status: 503, headers: { 'retry-after': '1' } },
  PLANNING_TIMEOUT: { status: 503 },
  PLAN_TOO_LARGE: { status: 400 },
  REQUEST_TIMEOUT: { status: 504 },
  SERVICE_DRAINING: { status: 503, headers: { 'retry-after': '1' } },
  TEXT_INVALID: { status: 400 },
}

/** Yoga's own words for what this gateway has a code of its own for. */
const CODE_OF_YOGA: Readonly<Record<string, 'OPERATION_UNKNOWN'>> = {
  OPERATION_RESOLUTION_FAILURE: 'OPERATION_UNKNOWN',
}

/**
 * What a client may see of a failure: refusals with a code as they are, anything else as one
 * sentence with the request's id, while its cause goes to the log.
 */
export function presentError(error: unknown, audience: ErrorAudience): GraphQLError {
  const shown = present(error, audience)
  audience.count?.(shown.extensions.code)
  return shown
}

function present(error: unknown, audience: ErrorAudience): GraphQLError {
  const refusal = refusalBehind(error)
  if (refusal) return fromRefusal(refusal, error)
  if (isPresentable(error))
    return error.extensions.serviceName === undefined
      ? withoutYogaWords(error)
      : withoutHttpWords(error)
  if (isFormatted(error)) {
    return new GraphQLError(error.message, {
      path: error.path,
      extensions: error.extensions ?? null,
    })
  }
  audience.log.error({ err: error, requestId: audience.requestId }, 'unexpected failure')
  return new GraphQLError('Unexpected error.', {
    path: error instanceof GraphQLError ? error.path : null,
    extensions: {
      code: 'INTERNAL_SERVER_ERROR',
      requestId: audience.requestId,
      http: { status: 500 },
    },
  })
}

function refusalBehind(error: unknown): DomainError | null {
  if (error instanceof DomainError) return error
  return error instanceof GraphQLError && error.originalError
    ? refusalBehind(error.originalError)
    : null
}

function fromRefusal(refusal: DomainError, error: unknown): GraphQLError {
  const http = httpOf(refusal)
  return new GraphQLError(refusal.message, {
    path: error instanceof GraphQLError ? error.path : null,
    extensions: { ...refusal.extensions, ...(http ? { http } : {}) },
  })
}

function httpOf({ code, extensions }: DomainError): HttpAnswer | undefined {
  const http = HTTP_OF_CODE[code]
  const { retryAfter } = extensions
  if (!http || typeof retryAfter !== 'number') return http
  return { ...http, headers: { ...http.headers, 'retry-after': String(retryAfter) } }
}

/**
 * True for errors that GraphQL itself made (of the document, its variables or its values) and for
 * those that a subgraph worded, which stand behind an error of the gateway as plain objects.
 */
function isPresentable(error: unknown): error is GraphQLError {
  if (!(error instanceof GraphQLError)) return false
  const { originalError } = error
  return !(originalError instanceof Error) || isPresentable(originalError)
}

/** A subgraph's words are told; its codes and `http` decide nothing of this answer's status and headers. */
function withoutHttpWords(error: GraphQLError): GraphQLError {
  const { originalError: _cause, serviceName, http: _http, ...rest } = error.extensions
  const { message, nodes = null, source = null, positions = null, path = null } = error
  const extensions = { ...rest, subgraph: serviceName }
  return new GraphQLError(message, { nodes, source, positions, path, extensions })
}

function withoutYogaWords(error: GraphQLError): GraphQLError {
  const { code } = error.extensions
  const ours =
    typeof code === 'string' && Object.hasOwn(CODE_OF_YOGA, code) ? CODE_OF_YOGA[code] : undefined
  if (ours) return fromRefusal(gatewayError(ours), error)
  const { originalError: _cause, ...rest } = error.extensions
  const { nodes = null, source = null, positions = null, path = null } = error
  // GraphQL itself gives no codes: what it says of a document is that it does not fit the schema.
  const isOfDocument = code === undefined && nodes !== null && path === null
  const extensions = {
    ...(isOfDocument ? { code: 'GRAPHQL_VALIDATION_FAILED' } : {}),
    ...rest,
    // What is no request at all is one to no client, whichever content type it would accept.
    ...(code === 'BAD_REQUEST' ? { http: { status: 400, ...plainHttp(rest.http) } } : {}),
  }
  return new GraphQLError(error.message, { nodes, source, positions, path, extensions })
}

/** Without `spec`, by which Yoga lets clients of plain JSON see 200. */
function plainHttp(http: unknown): Record<string, unknown> {
  if (!isRecord(http)) return {}
  const { spec: _spec, ...plain } = http
  return plain
}

function isFormatted(error: unknown): error is GraphQLFormattedError {
  return isRecord(error) && !(error instanceof Error) && typeof error.message === 'string'
}
