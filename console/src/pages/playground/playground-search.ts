/** What of the workbench is seen, and what it opens with; never a key or an operation of one's own. */
export type PlaygroundSearch = {
  /** The example to open. */
  example?: string
  panel?: PanelName
  /** Type that the schema explorer shows. */
  type?: string
}

/** The parts of the workbench; the first two stand beside the others where there is room. */
export const PANELS = ['operation', 'variables', 'explain', 'response', 'plan', 'schema'] as const
export type PanelName = (typeof PANELS)[number]

const nameIn = (value: unknown): string | null =>
  typeof value === 'string' && /^[\w-]{1,64}$/.test(value) ? value : null

/** Whatever an address says, bounded. */
export function parsePlaygroundSearch(search: Record<string, unknown>): PlaygroundSearch {
  const example = nameIn(search.example)
  const type = nameIn(search.type)
  const panel = PANELS.find((name) => name === search.panel)
  return { ...(example ? { example } : {}), ...(panel ? { panel } : {}), ...(type ? { type } : {}) }
}
