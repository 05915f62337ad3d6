/** What JSON writes otherwise than as it stands: quotes, backslashes, controls, and halves of pairs. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is looked for
export const SPECIAL = /[\u0000-\u001f"\\\ud800-\udfff]/
/** Longer texts are looked through by JSON.stringify faster than by the expression. */
const SHORT = 48

/** A text as JSON. */
export function quoted(text: string): string {
  return text.length > SHORT || SPECIAL.test(text) ? JSON.stringify(text) : `"${text}"`
}

/** A value of parsed JSON as JSON again; `undefined` is null, as it is within a list. */
export function jsonOf(value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'number') return Number.isFinite(value) ? `${value}` : 'null'
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  return value === null || value === undefined ? 'null' : JSON.stringify(value)
}
