/** What the id of a document begins with that is the hash of its source. */
export const SHA256_PREFIX = 'sha256:'

const SHA256_ID = /^sha256:[0-9a-f]{64}$/
const OWN_PREFIX_ID = /^x-[\w-]{1,62}:[\x21-\x7e]{1,256}$/
const CUSTOM_ID = /^[\x21-\x39\x3b-\x7e]{1,256}$/
const ID_FORMS = [SHA256_ID, OWN_PREFIX_ID, CUSTOM_ID]

/**
 * Whether this is an id as the appendix on persisted documents of GraphQL over HTTP has them:
 * `sha256:` and 64 lower hex digits, `x-…:` and anything of one's own, or a text without a colon.
 */
export function isDocumentId(value: unknown): value is string {
  return typeof value === 'string' && ID_FORMS.some((form) => form.test(value))
}
