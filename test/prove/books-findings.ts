import type { Domain, Row, Store } from './books-store.ts'

/** One way in which books can be wrong, and how often they are. */
export type Finding = {
  says: string
  count: number
  /** The first few. */
  examples: readonly string[]
}

const EXAMPLES = 5

export const finding = (says: string, found: readonly string[]): Finding => ({
  says,
  count: found.length,
  examples: found.slice(0, EXAMPLES),
})

const wordsOf = (row: Row) =>
  Object.entries(row)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')

/** What a query selects is wrong, row by row. */
export const findRows = async (
  store: Store,
  { says, domain, sql }: { says: string; domain: Domain; sql: string },
): Promise<Finding> => finding(says, (await store.ask(domain, sql)).map(wordsOf))

/** What is in one list more often than in the other, as in `2 × bet 7`. */
export function surplus(of: readonly string[], over: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const text of of) counts.set(text, (counts.get(text) ?? 0) + 1)
  for (const text of over) counts.set(text, (counts.get(text) ?? 0) - 1)
  return [...counts].flatMap(([text, count]) =>
    count > 0 ? Array.from({ length: count }, () => text) : [],
  )
}

/** What is wrong at all. */
export const wrong = (findings: readonly Finding[]): Finding[] =>
  findings.filter(({ count }) => count > 0)
