const texts = new WeakMap<object, string>()

/** Remembers the JSON of a result that many are told, so that it is written once. */
export function rememberText(result: object, text: string): void {
  texts.set(result, text)
}

/** True for a result whose errors are worded for clients, and whose JSON is at hand. */
export function hasText(result: object): boolean {
  return texts.has(result)
}

/** The JSON of a result: what is at hand, or else written now. */
export function textOf(result: object): string {
  return texts.get(result) ?? JSON.stringify(result)
}
