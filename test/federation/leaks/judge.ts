import type { Answer } from '../../kit/platform.ts'
import type { Attempt } from './operations.ts'
import type { ForeignWorld } from './side.ts'

/** Something of the foreign tenant in an answer. */
export type Leak = { where: string; what: string }

type Leaf = { path: string; text: string }

function leavesOf(value: unknown, path = ''): Leaf[] {
  if (typeof value === 'string' || typeof value === 'number') return [{ path, text: `${value}` }]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => [
    // Names too: JSON objects hold what their owner wrote.
    { path, text: name },
    ...leavesOf(inner, `${path}.${name}`),
  ])
}

const LONG_NUMBER = /\d{11,19}/g

/** By which a side is known in answers. */
export type Signs = Pick<ForeignWorld, 'belonging' | 'unit'>

const isMoneyFrom = (unit: number, { path, text }: Leaf) =>
  /\.(amount|sum)$/.test(path) && Math.abs(Number(text)) >= unit

/**
 * Texts of the answer that hold the marker or a foreign id which the asker did not send, and amounts
 * that foreign money is in.
 */
export function foreignTexts(
  answer: unknown,
  sent: unknown,
  { belonging: { ids, marker }, unit }: Signs,
): Leak[] {
  const known = leavesOf(sent)
    .map(({ text }) => text)
    .filter((text) => text.length > 2)
    .sort((one, other) => other.length - one.length)
  return leavesOf(answer).flatMap((leaf) => {
    const { path, text } = leaf
    const unsent = known.reduce((rest, word) => rest.replaceAll(word, ''), text)
    const numbers = unsent.match(LONG_NUMBER) ?? []
    const isNamed = unsent.includes(marker) || numbers.some((number) => ids.has(number))
    const isForeign = isNamed || (isMoneyFrom(unit, leaf) && !known.includes(text))
    return isForeign ? [{ where: path, what: text.slice(0, 200) }] : []
  })
}

/** True for an answer that says nothing: null, an empty list or page, or groups that count nothing. */
function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true
  if (Array.isArray(value)) return value.every(isEmpty)
  if (typeof value !== 'object') return false
  if ('edges' in value) return isEmpty(value.edges)
  return 'group' in value && 'count' in value && value.count === 0
}

/** All that an answer gives away. */
export function leaksIn(answer: Answer, attempt: Attempt, signs: Signs): Leak[] {
  const texts = foreignTexts(answer, attempt.variables, signs)
  if (!attempt.isForeignAlone) return texts
  const honoured = Object.entries(answer.data ?? {}).filter(([, value]) => !isEmpty(value))
  return [
    ...texts,
    ...honoured.map(([name, value]) => ({
      where: name,
      what: `answered: ${JSON.stringify(value).slice(0, 200)}`,
    })),
  ]
}
