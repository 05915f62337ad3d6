import { type Answer, extensionsIn } from '../answer.ts'

/** What the platform says of an operation before it runs (`docs/asking.md`). */
export type Explanation = {
  operation: string
  isAllowed: boolean
  rights: readonly ExplainedRight[]
  /** False where there is more than is told. */
  isWhole: boolean
  cost: ExplainedCost | null
  subgraphs: readonly string[]
  documentId: string
}

export type ExplainedRight = {
  coordinate?: string
  paths: readonly string[]
  needs?: {
    authenticated: boolean
    scopes: readonly (readonly string[])[]
    policies: readonly (readonly string[])[]
  }
  isHeld: boolean
}

export type ExplainedCost = {
  requested: number
  perEvent?: number
  /** Of one operation; null: nothing is refused for its cost. */
  most: number | null
  remaining: number | null
  resetsAt: string | null
  isWithinBounds: boolean
}

/** What an operation cost when it ran, as `extensions.cost` tells it. */
export type ActualCost = { requested: number; actual: number; remaining: number; resetsAt: string }

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

/** The explanation in the extensions of an answer; null for a gateway that gives none. */
export function explanationIn({ explain }: Record<string, unknown>): Explanation | null {
  if (!isRecord(explain) || !Array.isArray(explain.rights)) return null
  // Told by the gateway that served this page: its form is that of the contract.
  return explain as unknown as Explanation
}

/** What came of asking for an explanation. */
export type Look =
  | { kind: 'explained'; explanation: Explanation }
  /** Whoever serves this page explains nothing, and was not asked. */
  | { kind: 'unknown' }
  /** Anything but an explanation: a refusal, or the answer of a gateway that ran it instead. */
  | { kind: 'answered'; answer: Answer }

/** An answer to a wish for an explanation: only what holds one was surely not run. */
export function lookIn(answer: Answer): Look {
  const explanation = explanationIn(extensionsIn(answer.body))
  return explanation ? { kind: 'explained', explanation } : { kind: 'answered', answer }
}

/** Whether an answer holds the outcome of an operation, if only that it failed on the way. */
export const hasRun = ({ body }: Answer): boolean => body !== null && 'data' in body

/** The cost of an operation that ran; null where none was told. */
export function actualCostIn({ cost }: Record<string, unknown>): ActualCost | null {
  return isRecord(cost) && typeof cost.actual === 'number' ? (cost as unknown as ActualCost) : null
}

/** What a right needs, in words. */
export function needsInWords({ needs }: ExplainedRight): string {
  if (!needs) return 'a right that is not told'
  const lists = [...needs.scopes, ...needs.policies].filter((list) => list.length > 0)
  const ways = lists.map((list) => list.join(' and ')).join(', or ')
  if (ways !== '') return ways
  return needs.authenticated ? 'somebody signed in' : 'nothing'
}

/** Points as they are read. */
export const pointsText = (points: number): string =>
  points === 1 ? '1 point' : `${points.toLocaleString('en')} points`
