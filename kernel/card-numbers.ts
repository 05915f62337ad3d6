/**
 * Payment card numbers in free text: 13 to 16 or 19 digits with the first digits of a card scheme
 * (ISO/IEC 7812-1) and a right check digit (Luhn), whole or in groups, in whatever digits and with
 * whatever signs between them people write. Ids of Discord have 17 to 19 digits and begin otherwise.
 */
const SCHEME =
  /^(?:4(?:\d{12}|\d{15}|\d{18})|5[0-8]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}|35\d{14}|6\d{15}|6\d{18})$/

const FEWEST_DIGITS = 13
const MOST_DIGITS = 19
const SMALLEST_GROUP = 3
/** Nothing longer is a number in groups of the smallest size. */
const MOST_GROUPS = Math.ceil(MOST_DIGITS / SMALLEST_GROUP)

/** What may stand between two groups: at most three spaces, punctuation marks or signs. */
const BETWEEN = /^[\s\p{P}\p{Sm}\p{Sk}\p{So}]{0,3}$/u
/** Spaces and hyphens: between groups of any size. */
const SPACING = /^[\s\p{Pd}]*$/u
/** Formats and marks, such as a space of no width: nobody sees them between digits. */
const UNSEEN = /[\p{Cf}\p{M}]/u
const BEYOND_ASCII = /[^ -~\s]/

/** Digits that are known to be something else: masked numbers, ids (UUID) and digests. */
const KNOWN =
  /\[card (?:…|\.{3})\d{4}\]|(?<![\w-])[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}(?![\w-])|(?<![^\W_])(?=\d*[a-f])(?:[\da-f]{24}|[\da-f]{32}|[\da-f]{40}|[\da-f]{64}|[\da-f]{96}|[\da-f]{128})(?![^\W_])/gi

/** The check digit of ISO/IEC 7812-1, annex B. */
function hasCheckDigit(digits: string): boolean {
  let sum = 0
  for (let place = 0; place < digits.length; place++) {
    const digit = Number(digits[digits.length - 1 - place])
    const weighed = place % 2 === 1 ? digit * 2 : digit
    sum += weighed > 9 ? weighed - 9 : weighed
  }
  return sum % 10 === 0
}

const isCardNumber = (digits: string) => SCHEME.test(digits) && hasCheckDigit(digits)

const DIGIT = /^\p{Nd}$/u
const isDigit = (code: number) => DIGIT.test(String.fromCodePoint(code))

/** Unicode has decimal digits in rows of ten, from nought to nine. */
function toAsciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0
  let first = code
  while (isDigit(first - 1)) first -= 1
  return String((code - first) % 10)
}

/** A text of ASCII digits without what is not seen, and where each character stood in the other. */
type Plain = { text: string; placeOf: (index: number) => number }

function toPlain(original: string): Plain {
  if (!BEYOND_ASCII.test(original)) return { text: original, placeOf: (index) => index }
  const places: number[] = []
  let text = ''
  let place = 0
  for (const character of original) {
    const seen = UNSEEN.test(character) ? '' : character.normalize('NFKC')
    const plain = seen.replace(/(?![0-9])\p{Nd}/gu, toAsciiDigit)
    text += plain
    for (let count = plain.length; count > 0; count--) places.push(place)
    place += character.length
  }
  return { text, placeOf: (index) => places[index] ?? original.length }
}

/** Digits with nothing between them, where they stand, what stands before them, and that without spaces. */
type Group = { start: number; end: number; digits: string; before: string; sign: string }

/** Groups that may belong together, run by run. */
function runsIn(text: string): Group[][] {
  const runs: Group[][] = []
  let end = 0
  for (const { 0: digits, index } of text.matchAll(/\d+/g)) {
    const gap = text.slice(end, Math.min(index, end + 12))
    const isNear = end > 0 && index - end <= gap.length && BETWEEN.test(gap)
    const before = isNear ? gap : ''
    const group = { start: index, end: index + digits.length, digits, before, sign: before.trim() }
    const run = runs.at(-1)
    if (isNear && run) run.push(group)
    else runs.push([group])
    end = group.end
  }
  return runs
}

type Found = { start: number; end: number; digits: string }

const join = (groups: readonly Group[]): Found => ({
  start: groups[0]?.start ?? 0,
  end: groups.at(-1)?.end ?? 0,
  digits: groups.map(({ digits }) => digits).join(''),
})

/** `0.4111…` and `4111.1111…`: a number with decimal places, which no card is written as. */
function isDecimal(groups: readonly Group[]): boolean {
  if (groups.length === 1) return groups[0]?.before === '.'
  return groups.length === 2 && groups[1]?.before === '.'
}

/** The longest number that begins with the first of these groups: an expiry may stand behind it. */
function findAtStart(groups: readonly Group[]): Found | null {
  let [digits, longest] = ['', 0]
  for (const [at, group] of groups.entries()) {
    digits += group.digits
    if (group.digits.length < SMALLEST_GROUP || digits.length > MOST_DIGITS) break
    if (isCardNumber(digits) && !isDecimal(groups.slice(0, at + 1))) longest = at + 1
  }
  return longest === 0 ? null : join(groups.slice(0, longest))
}

/** `4-1 1-1 1-1`: results, in pairs. */
function isScores(groups: readonly Group[]): boolean {
  const signs = groups.slice(1).map((group) => group.sign)
  return signs.length > 2 && signs.every((sign, at) => (sign === signs[0]) === (at % 2 === 0))
}

const isSpaced = ({ before }: Group) => SPACING.test(before)
const isSingle = ({ digits }: Group) => digits.length === 1

/** When a group of any size goes on with the number of the one before. */
const WAYS: readonly ((group: Group, before: Group, sign: string) => boolean)[] = [
  (group, _before, sign) => group.sign === sign,
  (group) => isSpaced(group),
  (group, before) => isSingle(group) && isSingle(before),
]

/** Numbers in groups of any size, as long as all are set apart in one way. */
function findSegments(run: readonly Group[]): Found[] {
  const found: Found[] = []
  const take = (groups: readonly Group[]) => {
    if (groups.length < 2 || groups.length > MOST_DIGITS) return
    const number = join(groups)
    const isPlausible = !isDecimal(groups) && !isScores(groups)
    if (isPlausible && isCardNumber(number.digits)) found.push(number)
  }
  for (const isNext of WAYS) {
    let first = 0
    for (const [at, group] of run.entries()) {
      const [before, second] = [run[at - 1], run[first + 1]]
      if (!before || !second || isNext(group, before, second.sign)) continue
      take(run.slice(first, at))
      // With another sign a group may end one number and begin the next.
      first = isNext(group, before, group.sign) ? at - 1 : at
    }
    take(run.slice(first))
  }
  return found
}

/** Numbers in groups that are not small, whatever stands around them, from left to right. */
function findWindows(run: readonly Group[]): Found[] {
  const found: Found[] = []
  for (let first = 0; first < run.length; first++) {
    const number = findAtStart(run.slice(first, first + MOST_GROUPS))
    if (!number) continue
    found.push(number)
    while ((run[first + 1]?.start ?? number.end) < number.end) first += 1
  }
  return found
}

const withoutKnown = (text: string) => text.replace(KNOWN, (known) => '\0'.repeat(known.length))

/** Every number of a plain text, from left to right; of two that overlap the first. */
function findNumbers(text: string): Found[] {
  const runs = runsIn(withoutKnown(text)).filter(
    (run) => run.reduce((sum, { digits }) => sum + digits.length, 0) >= FEWEST_DIGITS,
  )
  const found = runs.flatMap((run) => [...findSegments(run), ...findWindows(run)])
  const inOrder = found.toSorted((left, right) => left.start - right.start || right.end - left.end)
  let end = 0
  return inOrder.filter((number) => {
    if (number.start < end) return false
    end = number.end
    return true
  })
}

/** True when the text holds what may be a card number: such a text is refused (DESIGN rule 7). */
export function holdsCardNumber(text: string): boolean {
  return findNumbers(toPlain(text).text).length > 0
}

const ESCAPED: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

/** The texts of JSON, an unprintable sign for each quotation mark around them. */
const unquote = (json: string) =>
  json.replace(/"|\\(?:u([\da-f]{4})|(.))/gi, (all, code?: string, letter?: string) => {
    if (all === '"') return '\0'
    if (code) return String.fromCharCode(Number.parseInt(code, 16))
    return ESCAPED[letter ?? ''] ?? letter ?? ''
  })

/** True when a line of JSON may hold one in some text, name or number of it. */
export const mayHoldCardNumber = (json: string): boolean => holdsCardNumber(unquote(json))

/** The text with every card number replaced by its last four digits. */
export function maskCardNumbers(original: string): string {
  const { text, placeOf } = toPlain(original)
  let masked = ''
  let kept = 0
  for (const { start, end, digits } of findNumbers(text)) {
    masked += `${original.slice(kept, placeOf(start))}[card …${digits.slice(-4)}]`
    const last = placeOf(end - 1)
    kept = last + String.fromCodePoint(original.codePointAt(last) ?? 0).length
  }
  return masked + original.slice(kept)
}

/**
 * A value, JSON or what becomes JSON, with every card number in its texts, names and numbers masked.
 */
export function maskCardNumbersWithin(value: unknown): unknown {
  if (typeof value === 'string') return maskCardNumbers(value)
  if (typeof value === 'number') {
    const masked = maskCardNumbers(String(value))
    return masked === String(value) ? value : masked
  }
  if (Array.isArray(value)) return value.map(maskCardNumbersWithin)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  return Object.fromEntries(
    entries.map(([name, one]) => [maskCardNumbers(name), maskCardNumbersWithin(one)]),
  )
}

/** True when a value of JSON holds one in a text, a name or a number. */
export const holdsCardNumberWithin = (value: unknown): boolean =>
  JSON.stringify(maskCardNumbersWithin(value)) !== JSON.stringify(value)
