import { defineErrors } from '#kernel/errors.ts'

/** Every refusal that the gateway itself answers with. */
export const gatewayError = defineErrors({
  SUPERGRAPH_INVALID: 'The supergraph cannot be served.',
  SUPERGRAPH_UNENFORCED:
    'The supergraph carries access rules and nothing is set up to enforce them.',
  UNAUTHORIZED_FIELD_OR_TYPE: 'Unauthorized field or type',
  RESPONSE_KEY_RESERVED:
    'This response key belongs to the field of its name, by which parts of the platform know the thing; choose another alias.',
  OPERATION_UNKNOWN:
    'The document holds no operation of this name, or several and no name was given.',
  OPERATION_NOT_PLANNABLE: 'The gateway could not plan this operation.',
  PLANNING_OVERLOADED: 'The gateway can plan no more operations at the moment; try again shortly.',
  PLANNING_TIMEOUT:
    'To plan this operation takes more time or memory than this gateway gives; ask for less at once.',
  ANSWER_TOO_LONG: 'The answer would be longer than this gateway sends; ask for less at once.',
  PLAN_TOO_LARGE: 'The plan of this operation is larger than this gateway makes; ask in parts.',
  SUBGRAPH_UNREACHABLE: 'A subgraph could not be reached.',
  SUBGRAPH_VALUE_INVALID: 'A subgraph gave a value that the schema does not allow here.',
  SUBSCRIPTION_INTERRUPTED: 'The stream of this subscription was interrupted; subscribe again.',
  // The door: who asks, what may be asked, and what became of a subgraph.
  API_KEY_INVALID: 'This API key is not valid here: it is mistyped, expired, revoked or foreign.',
  BAD_REQUEST: 'This is no request that the GraphQL endpoint takes.',
  BAD_USER_INPUT: 'A variable has a value that the operation does not take.',
  BATCHING_NOT_SUPPORTED:
    'Operations are not taken as lists here; subscriptions and answers in parts never are.',
  BATCH_LIMIT:
    'The list holds more operations, or more root fields in all, than this gateway allows, or none.',
  // Apollo's names, and its words where clients read them.
  CANNOT_SEND_PQ_ID_AND_BODY: 'Send a document or its id, not both.',
  PERSISTED_QUERY_HASH_MISMATCH: 'The hash is not the SHA-256 of the document.',
  PERSISTED_QUERY_ID_REQUIRED: 'Documents are taken by their ids alone here.',
  PERSISTED_QUERY_NOT_FOUND: 'PersistedQueryNotFound',
  PERSISTED_QUERY_NOT_IN_LIST: 'There is no document of this id here.',
  PERSISTED_QUERY_NOT_SUPPORTED: 'PersistedQueryNotSupported',
  QUERY_NOT_IN_SAFELIST: 'This document is none of those that are taken here.',
  DOCUMENT_ID_INVALID:
    'This is no id of a document: send sha256: and 64 lower hexadecimal digits, or the id that its manifest gives.',
  DOCUMENTS_INVALID: 'The manifest of documents cannot be served.',
  BODY_TOO_LARGE: 'The request body is larger than this gateway accepts.',
  CONSOLE_MISSING: 'The console was not built: `npm start` and `npm run console` do it.',
  CSRF_REFUSED:
    'Send a JSON content type, or the header apollo-require-preflight, so that browsers ask first.',
  CLIENT_CONNECTION_LIMIT:
    'Your address holds as many live connections as it may; close one, or try again shortly.',
  CONNECTION_LIMIT: 'This gateway holds as many live connections as it may; try again shortly.',
  DEFER_MISPLACED:
    'Neither the root of a mutation nor anything in a subscription can be deferred; take @defer out.',
  // Apollo's names for what stands in no document of this schema.
  GRAPHQL_PARSE_FAILED: 'The document cannot be parsed.',
  GRAPHQL_VALIDATION_FAILED: 'The document does not fit the schema.',
  FIGURES_UNAVAILABLE: 'The figures of the gateway’s workers could not be added up; ask again.',
  IDENTITY_UNREACHABLE: 'Who you are cannot be checked at the moment; try again shortly.',
  // What operations cost, and what those who ask may spend.
  BUDGET_EXHAUSTED:
    'Your budget for questions is spent for the moment; ask again after the seconds in retryAfter.',
  COST_ACTUAL_TOO_EXPENSIVE: 'The answer costs more than this gateway lets one operation cost.',
  COST_ESTIMATED_TOO_EXPENSIVE:
    'The operation may cost more than this gateway lets one cost; ask for shorter lists, or in parts.',
  COST_INVALID_SLICING_ARGUMENTS:
    'A list has to be asked for with exactly one of the arguments that say how long it may be.',
  COST_QUERY_PARSE_FAILURE: 'What this operation costs could not be worked out.',
  SUBGRAPH_COST_ESTIMATED_TOO_EXPENSIVE:
    'This part may cost more than one subgraph is asked for at once; ask for it with shorter lists.',
  MAX_ALIASES_LIMIT: 'The operation uses more aliases than this gateway allows.',
  MAX_DEPTH_LIMIT: 'The operation is nested deeper than this gateway allows.',
  MAX_DIRECTIVES_LIMIT: 'The operation holds more directives than this gateway allows.',
  MAX_FRAGMENTS_LIMIT: 'The document holds more fragments than this gateway allows.',
  MAX_INPUT_DEPTH_LIMIT: 'A value is nested deeper than this gateway allows.',
  MAX_REPEATS_LIMIT: 'The operation repeats the same fields more often than this gateway allows.',
  MAX_VARIABLES_LIMIT: 'The operation has more variables than this gateway allows.',
  MAX_HEIGHT_LIMIT: 'The operation selects more fields than this gateway allows.',
  MAX_INTROSPECTION_LIMIT:
    'The operation asks more of the schema than this gateway answers at once; ask it in parts.',
  MAX_ROOT_FIELDS_LIMIT: 'The operation selects more root fields than this gateway allows.',
  MAX_SUBSCRIPTIONS_LIMIT:
    'This connection, user or tenant holds as many subscriptions as it may; end one.',
  STREAM_NOT_ACCEPTED:
    'A subscription comes as text/event-stream or as multipart/mixed;subscriptionSpec=1.0: accept one of them, or subscribe over a WebSocket.',
  EXPLAIN_INVALID: 'extensions.explain is true or false.',
  EXPLAIN_NOT_SUPPORTED: 'Operations are explained over HTTP alone; send this one as a request.',
  CONFLATION_INVALID: 'extensions.conflateMs is a whole number of milliseconds, 0 to 120000.',
  OPERATION_RATE_LIMIT: 'This connection asks too often; wait a moment.',
  SUBSCRIBER_TOO_SLOW: 'You read more slowly than events happen; go on from your last cursor.',
  SUBSCRIPTION_NO_LONGER_VALID:
    'The API has changed, and this subscription does not fit it any more; ask anew.',
  MAX_TOKENS_LIMIT: 'The operation is longer than this gateway allows.',
  METHOD_NOT_ALLOWED: 'The GraphQL endpoint takes GET and POST alone.',
  PATH_UNKNOWN: 'There is nothing at this path; GraphQL is at /graphql.',
  REQUEST_TIMEOUT: 'The request took longer than this gateway waits.',
  SUBGRAPH_ANSWER_INVALID: 'A part of the platform answered something that is no GraphQL answer.',
  SUBGRAPH_STREAMS_REFUSED:
    'GATEWAY_SUBGRAPH_STREAMS asks for streams that this gateway cannot have: with the platform there are none but server-sent events, and callbacks need GATEWAY_CALLBACK_URL and a single worker.',
  SUBGRAPH_TIMEOUT: 'A part of the platform took too long to answer.',
  TEXT_INVALID: 'A text holds a NUL character, which no text here may have.',
  TOKEN_EXPIRED: 'The access token has expired; get a new one and ask again.',
  TOKEN_INVALID: 'The access token is not valid here.',
  TOKEN_REVOKED: 'The access token was revoked; sign in again.',
})
