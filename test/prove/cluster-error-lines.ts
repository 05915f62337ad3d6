/** What processes logged at level error and above, counted. */
export type ErrorLines = {
  hear: (line: string) => void
  /** How often each was said, most often first. */
  told: () => readonly { says: string; times: number }[]
}

const ERROR = 50
/** Beyond so many different ones the rest are counted together. */
const MOST = 200

type Line = {
  level?: unknown
  name?: unknown
  subgraph?: unknown
  msg?: unknown
  code?: unknown
  err?: { type?: unknown; code?: unknown } | null
}

function parse(line: string): Line | null {
  try {
    return JSON.parse(line) as Line
  } catch (failure) {
    if (failure instanceof SyntaxError) return null
    throw failure
  }
}

/** Who said what, and because of which code or kind of failure. */
function wordsOf({ name, subgraph, msg, code, err }: Line): string {
  const because = code ?? err?.code ?? err?.type
  return [subgraph ?? name, msg, because].filter((part) => part !== undefined).join(': ')
}

/** Counts lines of JSON; a line that is none was written by no log, and counts as an error. */
export function createErrorLines(): ErrorLines {
  const counts = new Map<string, number>()
  return {
    hear: (text) => {
      const line = parse(text)
      if (line && Number(line.level) < ERROR) return
      const says = line ? wordsOf(line) : text
      const key = counts.has(says) || counts.size < MOST ? says : 'other lines'
      counts.set(key, (counts.get(key) ?? 0) + 1)
    },
    told: () =>
      [...counts]
        .map(([says, times]) => ({ says, times }))
        .sort((left, right) => right.times - left.times),
  }
}
