import type { ExecutionResult, GraphQLError } from 'graphql'
import { dataTextOf } from '../../engine/shaped-result.ts'
import { type ErrorAudience, presentError } from '../../plugins/present-errors.ts'
import { rememberText } from '../shared-text.ts'

/** What subscribers are told of one event: one result, written once for all of them. */
export type Told = {
  readonly result: ExecutionResult
  /** The result as JSON. */
  readonly text: string
  /** The answer that it was made of. */
  readonly source: ExecutionResult
  /** Where the event stands in its feed; null in a feed that cannot be resumed. */
  readonly cursor: string | null
  /** Whose present state the event tells; null for one that happened and must not be left out. */
  readonly state: string | null
}

/** What a subgraph says of an event beside its data. */
export type EventMarks = Pick<Told, 'cursor' | 'state'> & {
  /** On the first event of a stream that was to go on in any case: whether it holds all before it. */
  recovered?: boolean
}

const LONGEST_MARK = 1024

const mark = (value: unknown): string | null =>
  typeof value === 'string' && value.length <= LONGEST_MARK ? value : null

/** Reads `extensions.cursor`, `extensions.state` and `extensions.recovered`. */
export function marksOf(extensions: Readonly<Record<string, unknown>> | undefined): EventMarks {
  const { cursor, state, recovered } = extensions ?? {}
  if (typeof recovered !== 'boolean') return { cursor: mark(cursor), state: mark(state) }
  // What it says besides its state must not be left out with it.
  return { cursor: mark(cursor), state: null, recovered }
}

/** For whom answers are worded. */
export type EventAudience = ErrorAudience & {
  /** Says of refusals what the settings want said. */
  worded: (answer: ExecutionResult) => ExecutionResult
}

function presented(error: GraphQLError, audience: ErrorAudience): GraphQLError {
  const shown = presentError(error, audience)
  // Words for HTTP alone.
  delete shown.extensions.http
  return shown
}

/** Words the errors of a result for clients, and writes it down. */
export function tell(answer: ExecutionResult, marks: EventMarks, audience: EventAudience): Told {
  const { cursor, recovered } = marks
  const worded = audience.worded(answer)
  const errors = worded.errors?.map((error) => presented(error, audience))
  const known = worded.extensions
  const placed = {
    ...(cursor === null ? null : { cursor }),
    ...(recovered === undefined ? null : { recovered }),
  }
  const extensions = Object.keys(placed).length === 0 ? known : { ...known, ...placed }
  return written(worded, { errors, extensions }, marks)
}

type Around = {
  errors: readonly GraphQLError[] | undefined
  extensions: Record<string, unknown> | undefined
}

/** The data is there as JSON, and is parsed only for whoever looks into it. */
function written(source: ExecutionResult, { errors, extensions }: Around, marks: EventMarks): Told {
  const data = dataTextOf(source) ?? JSON.stringify(source.data)
  const members = [
    ...(errors ? [`"errors":${JSON.stringify(errors)}`] : []),
    ...(data === undefined ? [] : [`"data":${data}`]),
    ...(extensions ? [`"extensions":${JSON.stringify(extensions)}`] : []),
  ]
  const text = `{${members.join(',')}}`
  const result: ExecutionResult = {
    ...(errors ? { errors } : {}),
    ...(data === undefined ? {} : { data: null }),
    ...(extensions ? { extensions } : {}),
  }
  if (data !== undefined) Object.defineProperty(result, 'data', { get: () => source.data })
  rememberText(result, text)
  return { result, text, source, ...marks }
}

const conflated = new WeakMap<Told, Told>()

/** The same event where it stands for others before it, that were left out; written once, too. */
export function asConflated(told: Told): Told {
  const known = conflated.get(told)
  if (known) return known
  const { source, result, cursor, state } = told
  const extensions = { ...result.extensions, conflated: true }
  const marked = written(source, { errors: result.errors, extensions }, { cursor, state })
  conflated.set(told, marked)
  return marked
}
