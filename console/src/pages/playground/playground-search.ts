/** Which example the playground opens with, as it stands in the address; never a key or an operation of one's own. */
export type PlaygroundSearch = { example?: string }

/** Whatever an address says, bounded. */
export function parsePlaygroundSearch({ example }: Record<string, unknown>): PlaygroundSearch {
  return typeof example === 'string' && /^[\w-]{1,64}$/.test(example) ? { example } : {}
}
