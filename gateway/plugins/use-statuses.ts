import { type ExecutionResult, GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { GatewaySettings } from '../settings.ts'
import { isRecord } from '../transport/answer.ts'
import { acceptedStreams } from './accepted-streams.ts'

/** Gives a presented result the statuses that the settings ask for. */
export type WithStatus = <Result extends ExecutionResult>(result: Result) => Result

const PARTIAL = 294
const UNPROCESSABLE = 422
/** Yoga's words for what is no JSON; for all other requests that are none it has the same code. */
const NO_JSON = ['POST body sent invalid JSON.', 'is no JSON.']
/** What can be read and is not well-formed, does not fit the schema, or is more than is allowed. */
const UNPROCESSABLE_CODES =
  /^(BAD_USER_INPUT|EXPLAIN_INVALID|GRAPHQL_VALIDATION_FAILED|OPERATION_UNKNOWN|TEXT_INVALID|DOCUMENT_ID_INVALID|CANNOT_SEND_PQ_ID_AND_BODY|MAX_(?!TOKENS_)\w+_LIMIT)$/
const ANSWER_TYPE = { 'Content-Type': 'application/graphql-response+json; charset=utf-8' }

function statusOf({ message, extensions: { code, http } }: GraphQLError): number {
  const known = isRecord(http) && typeof http.status === 'number' ? http.status : 400
  if (code === 'BAD_REQUEST' && known === 400)
    return NO_JSON.some((words) => message.endsWith(words)) ? 400 : UNPROCESSABLE
  return UNPROCESSABLE_CODES.test(String(code)) ? UNPROCESSABLE : known
}

function ofRequest(error: GraphQLError): GraphQLError {
  const { nodes = null, source = null, positions = null, path = null, extensions } = error
  const given = isRecord(extensions.http) ? extensions.http.headers : null
  const headers = { ...(isRecord(given) ? given : {}), ...ANSWER_TYPE }
  const http = { status: statusOf(error), headers }
  const places = { nodes, source, positions, path }
  return new GraphQLError(error.message, { ...places, extensions: { ...extensions, http } })
}

const wasExecuted = (result: ExecutionResult) => 'data' in result && result.data !== undefined

/**
 * The statuses of the draft of GraphQL over HTTP of 2026-08: 294 for data beside errors, 422 for what
 * was read and is not executed, and the same for clients of plain JSON, who see another content type.
 */
const asDraft: WithStatus = (result) => {
  const { errors } = result
  if (!errors || errors.length === 0) return result
  if (wasExecuted(result))
    return { ...result, extensions: { ...result.extensions, http: { status: PARTIAL } } }
  return { ...result, errors: errors.map(ofRequest) }
}

/** 200 to clients of plain JSON alone. */
const NOT_EXECUTED = { status: 400, spec: true }

const withHttp = (error: GraphQLError): GraphQLError => {
  const { nodes = null, source = null, positions = null, path = null, extensions } = error
  const places = { nodes, source, positions, path }
  const http = extensions.http ?? NOT_EXECUTED
  return new GraphQLError(error.message, { ...places, extensions: { ...extensions, http } })
}

/** Most errors carry their status; what was not executed is no success, whatever it failed of. */
const asAudits: WithStatus = (result) => {
  const { errors } = result
  if (!errors || errors.length === 0 || wasExecuted(result)) return result
  return errors.every(({ extensions }) => extensions.http)
    ? result
    : { ...result, errors: errors.map(withHttp) }
}

/** The rules of one setting. */
export function statusesBy({ httpStatus }: Pick<GatewaySettings, 'httpStatus'>): WithStatus {
  return httpStatus === 'draft-2026-08' ? asDraft : asAudits
}

/** The same for what takes the longer way; streams open with 200 whatever they carry. */
export function useStatuses(withStatus: WithStatus): Plugin {
  return {
    onResultProcess({ request, result, setResult }) {
      const isWhole = !Array.isArray(result) && !(Symbol.asyncIterator in result)
      if (!isWhole || !acceptedStreams(request.headers.get('accept')).isWholeAccepted) return
      setResult(withStatus(result))
    },
  }
}
