import type { ExecutionResult, GraphQLError } from 'graphql'
import { answerTooLong, MOST_WRITTEN } from './json-bytes.ts'

type Data = NonNullable<ExecutionResult['data']> | null

/** What an answer in JSON begins with that holds nothing but data; a brace ends it. */
export const BEGINNING = '{"data":'
const END = '}'

/** `{"data":…}` in UTF-8, in pieces: what several answers have in common is not copied for each. */
type Body = readonly Buffer[]
const bodies = new WeakMap<object, Body>()

const NULL: Body = [Buffer.from(`${BEGINNING}null${END}`)]
const COMMA = Buffer.from(',')
const FIRST = Buffer.from(`${BEGINNING}{`)
const LAST = Buffer.from(`}${END}`)

function once<Value>(make: () => Value): () => Value {
  let made: { value: Value } | null = null
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

function textIn(body: Body): string {
  const [first] = body
  const whole = body.length === 1 && first ? first : Buffer.concat(body)
  const text = whole.toString('utf8')
  return text.slice(BEGINNING.length, -END.length)
}

/** A result that is parsed only where somebody looks into it. */
function resultOf(body: Body, errors: readonly GraphQLError[]): ExecutionResult {
  const read = once(() => JSON.parse(textIn(body)) as Data)
  const result: ExecutionResult =
    errors.length > 0
      ? {
          errors,
          get data() {
            return read()
          },
        }
      : {
          get data() {
            return read()
          },
        }
  bodies.set(result, body)
  return result
}

/** A result whose data is there as JSON: `{"data":…}`. */
export function shapedResult(body: Buffer, errors: readonly GraphQLError[]): ExecutionResult {
  return resultOf([body], errors)
}

/** What stands between the braces of the data. */
function fieldsIn(body: Body): Body {
  if (body.length > 1) return body.slice(1, -1)
  const fields = body[0]?.subarray(FIRST.length, -LAST.length)
  return fields?.length ? [fields] : []
}

const isNull = (body: Body) => body.length === 1 && body[0]?.equals(NULL[0] as Buffer)

/**
 * Several results as one, whose data has the fields of each, in their order: they have no key in
 * common. A null that a part comes to is the whole's: each has the root as its place.
 */
export function joinedResult(
  results: readonly ExecutionResult[],
  errors: readonly GraphQLError[],
): ExecutionResult {
  const parts = results.map((result) => bodyOf(result) ?? NULL)
  if (parts.some(isNull)) return resultOf(NULL, errors)
  const fields = parts.map(fieldsIn).filter((body) => body.length > 0)
  const between = fields.flatMap((body, at) => (at === 0 ? body : [COMMA, ...body]))
  const body = [FIRST, ...between, LAST]
  if (body.reduce((sum, { length }) => sum + length, 0) > MOST_WRITTEN) throw answerTooLong()
  return resultOf(body, errors)
}

/** The data of a result as JSON, if that is how it was made. */
export function dataTextOf(result: ExecutionResult): string | undefined {
  const body = bodyOf(result)
  return body && textIn(body)
}

/** A result without errors as an answer in JSON, if it was made of that; nobody may write into it. */
export function bodyOf(result: ExecutionResult): Body | undefined {
  return bodies.get(result)
}
