import { defineErrors } from '../errors.ts'

export const auditError = defineErrors({
  AUDIT_INVALID:
    'An audit entry has an action and a resource type of at most 40 plain characters, a resource id of at most 50, and details of at most 16 kB.',
  OUTBOX_INVALID:
    'A message has a receiver, kind, aggregate and key of plain characters and a JSON payload of at most 60 kB.',
  OUTBOX_NOT_ACCEPTED: 'The receiver did not accept the message; it is sent again later.',
  OUTBOX_TIMED_OUT: 'The receiver did not answer in time; the message is sent again later.',
  INBOX_KEY_INVALID: 'A delivery has a key of at most 64 plain characters.',
})
