import { defineErrors } from '../errors.ts'

/** Refusals of tokens between services, of viewers and of permission texts. */
export const authError = defineErrors({
  SERVICE_TOKEN_MISSING: 'The request carries no service token.',
  SERVICE_TOKEN_INVALID: 'The service token is not one that this platform signed.',
  SERVICE_TOKEN_EXPIRED: 'The service token has expired.',
  SERVICE_TOKEN_EARLY:
    'The service token is dated in the future: the clocks of two machines are apart.',
  SERVICE_TOKEN_FOREIGN: 'The service token is meant for another service.',
  SERVICE_TOKEN_BODY_MISMATCH: 'The service token is bound to another request body.',
  SERVICE_TOKEN_REPLAYED: 'The service token was used before.',
  SERVICE_TOKEN_WINDOW_FULL: 'Too many requests arrived at once to tell replays apart; try again.',
  SERVICE_TOKEN_TOO_LARGE: 'The rights of this viewer do not fit into a service token.',
  SERVICE_SECRET_INVALID: 'The service secret must hold at least 32 bytes.',
  SERVICE_NAME_INVALID: 'A service name is 1 to 32 lower-case letters, digits and hyphens.',
  PERMISSION_INVALID: 'A permission is written resource:action, resource:* or *:*.',
})
