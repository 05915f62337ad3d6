import { defineErrors } from '../errors.ts'

export const serveError = defineErrors({
  SERVICE_BODY_TOO_LARGE: 'The request body is larger than a service takes.',
  SERVICE_BODY_INVALID: 'The request body is not what this route takes.',
  SERVICE_CALLER_REFUSED: 'This service may not call this route.',
  PORT_TAKEN: 'The port is taken by another process. Choose another with PORT.',
  ADDRESS_UNUSABLE: 'This address cannot be listened on. Check HOST and PORT.',
  OPERATOR_KEY_UNSET: 'This process needs OPERATOR_KEY or OPERATOR_KEY_FILE.',
  DATA_DIR_IN_USE:
    'Another platform runs on this data folder. Stop it, or choose another with DATA_DIR.',
  DATA_DIR_UNUSABLE: 'The data folder cannot be made or entered. Choose another with DATA_DIR.',
  DATABASE_URL_UNSET: 'This subgraph needs its DATABASE_URL_….',
  SUBGRAPH_UNKNOWN: 'No subgraph of this name runs here or is configured.',
  DEMO_EMBEDDED_ONLY:
    'Demo accounts exist only embedded: everybody knows their passwords. A cluster gets its first account by FIRST_OPERATOR_EMAIL and FIRST_OPERATOR_PASSWORD.',
  STOP_TIMED_OUT: 'A part of the process did not stop in time, and was left as it stood.',
  SERVICE_STARTING: 'The service is starting. Ask again in a moment.',
  SERVICE_DRAINING: 'The service is stopping. Ask another replica, or again in a moment.',
})
