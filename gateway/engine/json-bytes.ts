import { gatewayError } from '../errors.ts'
import { SPECIAL } from './json-text.ts'

/** Longer texts are written faster by a call than character by character. */
const SHORT = 32
/** Of a character of JavaScript's in UTF-8, one of a pair at most as many. */
const MOST_BYTES = 3

const FIRST_PLAIN = 0x20
const LAST_PLAIN = 0x7e
const QUOTE = 0x22
const BACKSLASH = 0x5c

const FIRST_SIZE = 65_536
/** What was needed once is kept for the next answer up to this size. */
const MOST_KEPT = 4_194_304
/** Bytes of an answer. What stands in several places is held once and written in each: few objects can be a very long one. */
export const MOST_WRITTEN = 134_217_728

/** For whoever writes, or puts together, more than an answer may be. */
export const answerTooLong = () => gatewayError('ANSWER_TOO_LONG', { allowed: MOST_WRITTEN })

const isPlain = (code: number) =>
  code >= FIRST_PLAIN && code <= LAST_PLAIN && code !== QUOTE && code !== BACKSLASH

/**
 * JSON in UTF-8 while it is written, piece by piece, without a text for each piece. What was written last can be
 * taken back, and what stands there can be written once more. One answer at a time; whatever writes
 * throws ANSWER_TOO_LONG beyond 128 MiB.
 */
export class JsonBytes {
  #bytes = Buffer.allocUnsafe(FIRST_SIZE)
  #length = 0

  /** How many bytes stand there. */
  get length(): number {
    return this.#length
  }

  /** Begins anew. */
  clear(): void {
    this.#length = 0
    if (this.#bytes.length > MOST_KEPT) this.#bytes = Buffer.allocUnsafe(FIRST_SIZE)
  }

  /** Takes back what was written since there were so many bytes. */
  truncate(length: number): void {
    this.#length = length
  }

  /** JSON of ASCII alone: keys, numbers, and what stands between them. */
  ascii(json: string): void {
    const { length } = json
    this.#makeRoom(length)
    const bytes = this.#bytes
    let at = this.#length
    for (let index = 0; index < length; index++) bytes[at++] = json.charCodeAt(index)
    this.#length = at
  }

  /** Any JSON. */
  json(json: string): void {
    this.#makeRoomFor(json, 0)
    this.#length += this.#bytes.write(json, this.#length)
  }

  string(text: string): void {
    if (text.length <= SHORT && this.#short(text)) return
    if (SPECIAL.test(text)) {
      this.json(JSON.stringify(text))
      return
    }
    this.#makeRoomFor(text, 2)
    this.#bytes[this.#length++] = QUOTE
    this.#length += this.#bytes.write(text, this.#length)
    this.#bytes[this.#length++] = QUOTE
  }

  /** A value of parsed JSON. False for what JSON has no word for, which is written as null. */
  value(value: unknown): boolean {
    if (typeof value === 'string') this.string(value)
    else if (typeof value === 'number') return this.#number(value)
    else if (typeof value === 'boolean') this.ascii(value ? 'true' : 'false')
    else if (value === null || value === undefined) return this.null()
    else this.json(JSON.stringify(value))
    return true
  }

  /** @returns false, as `value` does of a null */
  null(): false {
    this.ascii('null')
    return false
  }

  /** Writes again what stands between two places. */
  repeat(start: number, end: number): void {
    this.#makeRoom(end - start)
    this.#bytes.copyWithin(this.#length, start, end)
    this.#length += end - start
  }

  /** All that was written, which nobody writes into any more; then there is nothing. */
  take(): Buffer {
    // Not of a pool: an event that is held would hold all that lies beside it there.
    const taken = Buffer.allocUnsafeSlow(this.#length)
    this.#bytes.copy(taken, 0, 0, this.#length)
    this.clear()
    return taken
  }

  #number(value: number): boolean {
    if (!Number.isFinite(value)) return this.null()
    this.ascii(`${value}`)
    return true
  }

  /** False, with nothing written, for a text of which something has to be written otherwise than it stands. */
  #short(text: string): boolean {
    const { length } = text
    this.#makeRoom(length + 2)
    const bytes = this.#bytes
    let at = this.#length
    bytes[at++] = QUOTE
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index)
      if (!isPlain(code)) return false
      bytes[at++] = code
    }
    bytes[at++] = QUOTE
    this.#length = at
    return true
  }

  /** As if each character took most, and near the bound as it is. */
  #makeRoomFor(text: string, more: number): void {
    const most = text.length * MOST_BYTES + more
    const isFar = this.#length + most <= MOST_WRITTEN
    this.#makeRoom(isFar ? most : Buffer.byteLength(text) + more)
  }

  #makeRoom(more: number): void {
    const needed = this.#length + more
    if (needed <= this.#bytes.length) return
    if (needed > MOST_WRITTEN) throw answerTooLong()
    const size = Math.min(MOST_WRITTEN, Math.max(needed, this.#bytes.length * 2))
    const larger = Buffer.allocUnsafe(size)
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }
}
