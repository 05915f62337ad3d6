import { defineErrors } from '../errors.ts'

/** Refusals of the encryption of personal data and of its keys. */
export const cryptoError = defineErrors({
  CIPHERTEXT_INVALID: 'The stored value was not encrypted for this person and column.',
  PERSON_KEY_MISSING: 'The personal data of this person was erased or never existed.',
  PERSON_KEY_UNREADABLE: 'The key of this person was not wrapped by any operator key at hand.',
  PERSON_KEY_BUSY: 'The key of this person is being replaced again and again; try again.',
  PERSON_REFERENCE_INVALID: 'A person is named by 1 to 64 letters, digits, hyphens or underscores.',
  COLUMN_CONTEXT_INVALID: 'A context names table and column, such as users.email.',
  PLAINTEXT_TOO_LARGE: 'A personal value holds at most 1 MB.',
  OPERATOR_KEY_INVALID:
    'An operator key file holds lines v<number>:<base64 of 32 bytes>, each number once.',
  OPERATOR_KEY_MISSING: 'There is no operator key at the configured place.',
  OPERATOR_KEY_UNKNOWN:
    'A value was wrapped by an operator key version that is not at hand. Put that version back.',
  OPERATOR_KEY_ROTATING:
    'Another process is adding a version to the operator key file. If none is, remove its draft.',
  LOOKUP_VALUE_INVALID: 'A value to look up is a text of 1 to 1,024 characters.',
  EMAIL_INVALID: 'An e-mail address is written name@domain and has at most 254 characters.',
  REWRAP_ABORTED:
    'The re-wrapping of keys was stopped; run it again and it goes on where it stood.',
})
