import { defineErrors } from '../errors.ts'

export const graphqlError = defineErrors({
  UNAUTHORIZED_FIELD_OR_TYPE: 'Unauthorized field or type',
  ORDER_TOO_LONG: 'Order by at most three fields, each once.',
  COMPOSITION_FAILED: 'The subgraphs do not compose into one supergraph.',
  INTERNAL_SERVER_ERROR:
    'Something went wrong on our side. It was logged under the request id of this answer.',
})
