/** What came back, whatever it was. */
export type Answer = {
  status: number
  ms: number
  bytes: number
  /** Null for what is no JSON. */
  body: Record<string, unknown> | null
  text: string
  /** There was more than is read here. */
  isCut: boolean
}

/** One error of an answer. */
export type AnswerError = { message: string; code: string; path: string }

const MOST_BYTES = 8_000_000

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The errors of an answer, as they are listed. */
export function errorsIn(body: Record<string, unknown> | null): readonly AnswerError[] {
  const errors = Array.isArray(body?.errors) ? body.errors : []
  return errors.slice(0, 100).map((error: unknown) => {
    const { message, path, extensions } = isRecord(error) ? error : {}
    const code = isRecord(extensions) && typeof extensions.code === 'string' ? extensions.code : ''
    return { message: String(message), code, path: Array.isArray(path) ? path.join('.') : '' }
  })
}

/** What an answer says beside its data. */
export const extensionsIn = (body: Record<string, unknown> | null): Record<string, unknown> =>
  isRecord(body?.extensions) ? body.extensions : {}

/** The body of an answer, up to a bound. */
export async function readAnswer(
  response: Response,
): Promise<Pick<Answer, 'bytes' | 'body' | 'text' | 'isCut'>> {
  const decoder = new TextDecoder()
  let [bytes, text, isCut] = [0, '', false]
  const reader = response.body?.getReader()
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
    if (done || !value) break
    bytes += value.byteLength
    text += decoder.decode(value, { stream: true })
    if (bytes <= MOST_BYTES) continue
    isCut = true
    await reader?.cancel()
    break
  }
  return { bytes, text, isCut, body: isCut ? null : parsed(text) }
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const body: unknown = JSON.parse(text)
    return isRecord(body) ? body : null
  } catch (failure) {
    if (!(failure instanceof SyntaxError)) throw failure
    return null
  }
}
