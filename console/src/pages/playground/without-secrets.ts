/** Names of arguments and members whose values are nobody's to keep. */
const SECRET_VALUES = /((?:password|secret|token|api_?key)\w*"?\s*:\s*")(?:\\.|[^"\\\n])*/gi
/** Keys and tokens by their form, wherever they stand. */
const BEARERS = /dsk_[\w.-]{8,}|eyJ[\w-]{8,}\.[\w.-]{8,}/g

/** An operation, or variables, without what only its writer should know: passwords, tokens, keys. */
export const withoutSecrets = (text: string): string =>
  text.replace(SECRET_VALUES, '$1').replace(BEARERS, '')
