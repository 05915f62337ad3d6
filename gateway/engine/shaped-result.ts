import type { ExecutionResult, GraphQLError } from 'graphql'

type Data = NonNullable<ExecutionResult['data']> | null

const texts = new WeakMap<object, string>()

/** A result whose data is there as JSON, and is parsed only where somebody looks into it. */
export function shapedResult(dataText: string, errors: readonly GraphQLError[]): ExecutionResult {
  let parsed: { data: Data } | null = null
  const read = () => {
    parsed ??= { data: JSON.parse(dataText) as Data }
    return parsed.data
  }
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
  texts.set(result, dataText)
  return result
}

/** The data of a result as JSON, if that is how it was made. */
export function dataTextOf(result: ExecutionResult): string | undefined {
  return texts.get(result)
}
