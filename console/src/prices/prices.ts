/** What one source offers for a selection. */
export type SourcePrice = {
  source: string
  /** Thousandths. */
  odds: number
  /** Milliseconds since 1970. */
  at: number
}

/** A point of the line of the best price. */
export type PricePoint = { at: number; odds: number }

/** What is known of the prices of one selection. */
export type SelectionPrices = {
  /** The highest among sources that are no summary of others. */
  best: SourcePrice | null
  /** Highest first. */
  sources: readonly SourcePrice[]
  /** Which way the best price went last; null before it moved. */
  moved: 'shorter' | 'longer' | null
  /** How often the best price moved since it is shown: tells one flash from the next. */
  moves: number
  /** The best price over time, oldest first. */
  line: readonly PricePoint[]
}

/** A change as the live feed tells it. */
export type PriceChange = {
  selectionId: string
  source: string
  side: 'BACK' | 'LAY'
  odds: number
  at: string
}

type Entry = {
  bySource: Map<string, SourcePrice>
  shown: SelectionPrices
  listeners: Set<() => void>
}

const NOTHING: SelectionPrices = { best: null, sources: [], moved: null, moves: 0, line: [] }
const LONGEST_LINE = 60
/** Selections of which something is known; a board shows some hundreds. */
const MOST_SELECTIONS = 20_000

/** The prices of all selections that a page shows, by what was read and what happened since. */
export class Prices {
  readonly #entries = new Map<string, Entry>()
  readonly #changed = new Set<Entry>()
  readonly #summaries = new Set<string>()
  #isTelling = false

  /** Sources that only summarise others: their prices are never the best, because nobody offers them. */
  readonly noteSummary = (source: string): void => void this.#summaries.add(source)

  /** What a query says; whatever is known to be newer stays. */
  seed(selectionId: string, prices: readonly SourcePrice[]): void {
    const entry = this.#entry(selectionId)
    for (const price of prices) this.#put(entry, price)
    const newest = Math.max(0, ...prices.map(({ at }) => at))
    this.#settle(entry, { at: newest, isLive: false })
  }

  /** What the live feed says. @returns whether this source was known to offer something here */
  take({ selectionId, source, side, odds, at: time }: PriceChange): boolean {
    if (side !== 'BACK') return true
    const entry = this.#entry(selectionId)
    const isKnown = entry.bySource.has(source)
    const at = Date.parse(time)
    this.#put(entry, { source, odds, at })
    this.#settle(entry, { at, isLive: true })
    return isKnown
  }

  /** The line before what is known, as the history has it. */
  seedLine(selectionId: string, quotes: readonly SourcePrice[]): void {
    const entry = this.#entry(selectionId)
    const offering = (source: string) => !this.#summaries.has(source)
    const line = bestOverTime(
      quotes.filter(({ source }) => offering(source)),
      [...entry.bySource.keys()].filter(offering),
    )
    const firstKnown = entry.shown.line[0]?.at ?? Number.POSITIVE_INFINITY
    const before = line.filter(({ at }) => at < firstKnown)
    entry.shown = { ...entry.shown, line: [...before, ...entry.shown.line].slice(-LONGEST_LINE) }
    this.#tell(entry)
  }

  readonly get = (selectionId: string): SelectionPrices =>
    this.#entries.get(selectionId)?.shown ?? NOTHING

  readonly listen = (selectionId: string, listener: () => void): (() => void) => {
    const entry = this.#entry(selectionId)
    entry.listeners.add(listener)
    return () => void entry.listeners.delete(listener)
  }

  #entry(selectionId: string): Entry {
    const known = this.#entries.get(selectionId)
    if (known) return known
    if (this.#entries.size >= MOST_SELECTIONS) this.#forgetOne()
    const entry: Entry = { bySource: new Map(), shown: NOTHING, listeners: new Set() }
    this.#entries.set(selectionId, entry)
    return entry
  }

  /** The oldest that nobody looks at. */
  #forgetOne(): void {
    for (const [id, { listeners }] of this.#entries) {
      if (listeners.size > 0) continue
      this.#entries.delete(id)
      return
    }
  }

  #put({ bySource }: Entry, price: SourcePrice): void {
    const known = bySource.get(price.source)
    if (!known || known.at <= price.at) bySource.set(price.source, price)
  }

  #settle(entry: Entry, { at, isLive }: { at: number; isLive: boolean }): void {
    const { shown } = entry
    const sources = [...entry.bySource.values()].toSorted((a, b) => b.odds - a.odds || b.at - a.at)
    const best = sources.find(({ source }) => !this.#summaries.has(source)) ?? null
    const before = shown.best?.odds
    const hasMoved = best !== null && best.odds !== before
    const isMove = hasMoved && before !== undefined && isLive
    entry.shown = {
      best,
      sources,
      moved: isMove ? (best.odds < before ? 'shorter' : 'longer') : shown.moved,
      moves: shown.moves + (isMove ? 1 : 0),
      line: hasMoved
        ? // When it became the best, which is not when it was first offered; time never runs back.
          [...shown.line, { at: Math.max(at, shown.line.at(-1)?.at ?? 0), odds: best.odds }].slice(
            -LONGEST_LINE,
          )
        : shown.line,
    }
    this.#tell(entry)
  }

  /** Once for all changes of a frame: a thousand events a second are some sixty drawings. */
  #tell(entry: Entry): void {
    this.#changed.add(entry)
    if (this.#isTelling) return
    this.#isTelling = true
    // A page that is not seen draws nothing, and would keep its frames waiting.
    const soon = document.hidden
      ? (work: () => void) => setTimeout(work, 250)
      : requestAnimationFrame
    soon(() => {
      this.#isTelling = false
      const changed = [...this.#changed]
      this.#changed.clear()
      for (const { listeners } of changed) for (const listener of listeners) listener()
    })
  }
}

/**
 * The highest price that stood at each moment in which it changed, from the moment on in which something
 * is known of each of these sources: before, the highest of the others would pass for the best.
 */
export function bestOverTime(
  quotes: readonly SourcePrice[],
  sources: readonly string[] = [],
): PricePoint[] {
  const standing = new Map<string, number>()
  const line: PricePoint[] = []
  for (const { source, odds, at } of quotes.toSorted((a, b) => a.at - b.at)) {
    standing.set(source, odds)
    if (!sources.every((name) => standing.has(name))) continue
    const best = Math.max(...standing.values())
    if (line.at(-1)?.odds !== best) line.push({ at, odds: best })
  }
  return line
}
