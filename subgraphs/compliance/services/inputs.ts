import { canonicalText } from '#kernel/audit/canonical.ts'
import { holdsCardNumber, holdsCardNumberWithin } from '#kernel/card-numbers.ts'
import { complianceError } from '../errors.ts'

const FORMS = {
  type: {
    pattern: /^[a-z][a-z0-9_]{1,49}$/,
    expected: 'a letter a-z, then 1 to 49 of a-z, 0-9 and _',
  },
  name: {
    pattern: /^(?=.*\S)[^\p{Cc}\p{Cs}\u2028\u2029]{1,100}$/u,
    expected: '1 to 100 printable characters on one line',
  },
  version: {
    pattern: /^[A-Za-z0-9][\w.-]{0,19}$/,
    expected: '1 to 20 of A-Z, a-z, 0-9, _, . and -',
  },
} as const satisfies Readonly<Record<string, { pattern: RegExp; expected: string }>>

const MAX_CONFIG_BYTES = 65_536
const NO_CARD = 'no payment card number'

/** True for the text of a version, such as 1.0 or 2026-05. */
export const isVersion = (text: string): boolean =>
  FORMS.version.pattern.test(text) && !holdsCardNumber(text)

/** @throws POLICY_INVALID */
export function checkForm(field: keyof typeof FORMS, value: string): string {
  const { pattern, expected } = FORMS[field]
  if (!pattern.test(value)) throw complianceError('POLICY_INVALID', { field, expected })
  if (holdsCardNumber(value)) throw complianceError('POLICY_INVALID', { field, expected: NO_CARD })
  return value
}

/** @throws POLICY_INVALID */
export function checkConfig<Config extends object>(config: Config): Config {
  const isSmall = canonicalText(config, MAX_CONFIG_BYTES) !== null
  if (isSmall && !holdsCardNumberWithin(config)) return config
  const expected = isSmall ? NO_CARD : `an object of at most ${MAX_CONFIG_BYTES} bytes`
  throw complianceError('POLICY_INVALID', { field: 'config', expected })
}
