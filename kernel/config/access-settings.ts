import { oneOf, onOff, wholeNumber } from './parsers.ts'
import { setting } from './setting.ts'

/** How the gateway applies access rules. */
export const ACCESS_SETTINGS = {
  GATEWAY_ACCESS_MODE: setting(oneOf('filter', 'reject', 'dry-run'), {
    fallback: 'filter',
    doc: 'What becomes of an operation that asks for more than its asker may have. filter: what is too much answers null. reject: nothing of it is executed (401 or 403). dry-run: nothing is taken out, what would have been is logged and counted, and subgraphs alone refuse.',
  }),
  GATEWAY_ACCESS_ERRORS: setting(oneOf('errors', 'extensions', 'disabled'), {
    fallback: 'errors',
    doc: 'How an asker hears of refused fields: as errors, in extensions.authorizationErrors, or by their nulls alone.',
  }),
  GATEWAY_POLICY_TIMEOUT_MS: setting(wholeNumber(1, 60_000), {
    fallback: '1000',
    doc: 'How long a function that @policy names may take; what comes later counts as a refusal.',
  }),
  GATEWAY_INTROSPECTION_BY_RIGHTS: setting(onOff, {
    fallback: 'off',
    doc: 'Whether introspection shows of the schema only what the asker may ask.',
  }),
}
