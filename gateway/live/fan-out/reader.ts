import type { ExecutionResult } from 'graphql'
import type { DomainError } from '#kernel/errors.ts'
import { gatewayError } from '../../errors.ts'
import { lastWord } from '../last-word.ts'
import type { History } from './history.ts'
import { asConflated, type Told } from './told.ts'

/** How a subscription ends: with a last word or without, and whether its reader was too slow. */
export type Ending = { last: ExecutionResult | null; isTooSlow?: boolean }

/** What comes next for one subscriber: an event, or the end. */
export type Step = { told: Told; ended?: never } | { told?: never; ended: Ending }

/** How a reader sees the stream that it reads: many readers, one stream. */
export type ReadStream = {
  readonly history: History
  /** Nothing is read from it for the moment. */
  readonly isHeld: boolean
  /** Set once nothing more will come: how it ends for whoever has read all of it. */
  readonly ending: Ending | null
  /** Where its readers go on once they have read all of it: another stream of the same events. */
  readonly successor: { stream: ReadStream; offset: number } | null
  readonly attach: (reader: Reader) => void
  readonly detach: (reader: Reader) => void
  /** Told after each event that a reader took. */
  readonly advanced: (place: number) => void
}

/** A place in a stream, after which a reader goes on. */
export type Spot = { stream: ReadStream; place: number }

/** The wishes of a subscriber. */
export type ReaderWishes = {
  /**
   * Shortest time between two looks at states; with 0 they are told as they come, and conflated only
   * where it lags. Null: every one of them is told.
   */
  conflateMs: number | null
  /** Called once, however it ends. */
  ended: () => void
  /** Pays for an event before it is told; what it answers ends the subscription, and the event stays. */
  charge?: (() => DomainError | null) | undefined
}

/** Events that a reader who takes conflated states may lag behind, as in a burst, before they are. */
const TOLERATED_LAG = 256

/**
 * One subscriber's place in a stream, and nothing else: what is held for whoever lags is held once,
 * by the stream. (A class because there may be tens of thousands, each without closures of its own.)
 */
export class Reader {
  #stream: ReadStream
  #place: number
  #ended: Ending | null = null
  #wake: () => void = () => undefined
  readonly #conflateMs: number | null
  readonly #onEnd: () => void
  readonly #charge: ReaderWishes['charge']
  /** Before this time nothing is told; by the clock of `performance`. */
  #restsUntil = 0
  #resting: NodeJS.Timeout | null = null
  #toldSinceRest = 0
  /** Things whose states were left out since they were last told. */
  #skipped: Set<string> | null = null
  #lastCursor: string | null = null

  constructor({ stream, place }: Spot, { conflateMs, ended, charge }: ReaderWishes) {
    this.#stream = stream
    this.#place = place
    this.#conflateMs = conflateMs
    this.#onEnd = ended
    this.#charge = charge
    stream.attach(this)
  }

  get place(): number {
    return this.#place
  }

  /** Whether later states may stand for earlier ones. */
  get conflates(): boolean {
    return this.#conflateMs !== null
  }

  get stream(): ReadStream {
    return this.#stream
  }

  /** The cursor after which it goes on; null where nothing has come yet that has one. */
  get cursor(): string | null {
    return this.#lastCursor ?? this.#stream.history.cursorAt(this.#place)
  }

  get isEnded(): boolean {
    return this.#ended !== null
  }

  /** Says whom to call when something may have come; one at a time. */
  listen(wake: () => void): void {
    this.#wake = wake
  }

  /** Calls whoever listens. */
  wake(): void {
    this.#wake()
  }

  /** The next step; null where there is none yet. */
  take(): Step | null {
    if (this.#ended) return { ended: this.#ended }
    this.#follow()
    if (this.#stream.isHeld || this.#isResting()) return null
    const next = this.#next()
    if (next === 'lost') {
      this.endWith({ last: lastWord(gatewayError('SUBSCRIBER_TOO_SLOW')), isTooSlow: true })
      return this.take()
    }
    if (!next) return this.#caughtUp()
    const refusal = this.#charge?.()
    if (!refusal) return this.#taken(next)
    this.endWith({ last: lastWord(refusal) })
    return { ended: this.#ended ?? { last: null } }
  }

  /** Ends it for this subscriber alone, at once; what it has not read is left. */
  endWith(ending: Ending): void {
    if (this.#ended) return
    this.#ended = ending
    this.#stream.detach(this)
    if (this.#resting) clearTimeout(this.#resting)
    this.#onEnd()
    this.#wake()
  }

  /** Goes on in another stream, after a place there. */
  move({ stream, place }: Spot): void {
    if (this.#ended) return
    const before = this.#stream
    this.#stream = stream
    this.#place = place
    if (stream !== before) {
      stream.attach(this)
      before.detach(this)
    }
    this.#wake()
  }

  /** Whoever has read a stream to its end goes on where another has the same events. */
  #follow(): void {
    const { successor, history } = this.#stream
    if (successor && this.#place >= history.head())
      this.move({ stream: successor.stream, place: this.#place + successor.offset })
  }

  #isResting(): boolean {
    if (this.#restsUntil === 0) return false
    const left = this.#restsUntil - performance.now()
    if (left <= 0) return false
    this.#resting ??= setTimeout(() => {
      this.#resting = null
      this.#wake()
    }, left).unref()
    return true
  }

  #next(): { at: number; told: Told } | 'lost' | null {
    const { history } = this.#stream
    if (this.#conflateMs === null) return history.after(this.#place)
    const isBehind = history.head() - this.#place > TOLERATED_LAG
    if (!isBehind && this.#conflateMs === 0 && !this.#skipped) {
      const next = history.after(this.#place)
      if (next !== 'lost') return next
    }
    const next = history.latestAfter(this.#place)
    if (next === 'lost' || next === null) return next
    this.#skipped ??= new Set()
    for (const state of next.skipped) this.#skipped.add(state)
    return next
  }

  #taken({ at, told }: { at: number; told: Told }): Step {
    this.#place = at
    this.#toldSinceRest++
    this.#lastCursor = told.cursor ?? this.#lastCursor
    this.#stream.advanced(at)
    const stands = told.state !== null && (this.#skipped?.delete(told.state) ?? false)
    return { told: stands ? asConflated(told) : told }
  }

  #caughtUp(): Step | null {
    const { ending } = this.#stream
    if (this.#place >= this.#stream.history.head()) {
      this.#skipped = null
      if (ending) this.endWith(ending)
      if (this.#ended) return { ended: this.#ended }
    }
    const restMs = this.#conflateMs ?? 0
    if (restMs > 0 && this.#toldSinceRest > 0) {
      this.#toldSinceRest = 0
      this.#restsUntil = performance.now() + restMs
    }
    return null
  }
}
