import { defineErrors } from '../errors.ts'

export const serveError = defineErrors({
  SERVICE_BODY_TOO_LARGE: 'The request body is larger than a service takes.',
  SERVICE_BODY_INVALID: 'The request body is not what this route takes.',
  SERVICE_CALLER_REFUSED: 'This service may not call this route.',
  SERVICE_DRAINING: 'The service is stopping. Ask another replica, or again in a moment.',
})
