import type { CalleeTokens, TokenFor } from '../auth/callee-tokens.ts'
import { isDomainError } from '../errors.ts'
import { readBounded } from './bounded-answer.ts'
import { NOT_TAKEN } from './errors.ts'
import { NotTakenError } from './not-taken.ts'
import { toRefusal } from './service-refusal.ts'

/** Sends one request to a service, under the token given; null where there is no platform. */
export type Send = (token: string | null) => Promise<Response>

const REFUSES = new Set([401, 503])
const JSON_ANSWER = /^application\/json\s*(;|$)/i
/** A refusal is one line; what is longer is none. */
const LONGEST_REFUSAL = 16_384

/** The refusal in an answer, if it is one, and the answer to be read as if nobody had looked. */
async function lookInto(answer: Response) {
  const isJson = JSON_ANSWER.test(answer.headers.get('content-type') ?? '')
  if (!REFUSES.has(answer.status) || !isJson) return { answer, refusal: null }
  const bytes = await readBounded(answer, LONGEST_REFUSAL)
  const { status, headers } = answer
  const again = new Response(bytes, { status, headers })
  return { answer: again, refusal: bytes && parseRefusal(bytes) }
}

function parseRefusal(bytes: Uint8Array) {
  try {
    return toRefusal(JSON.parse(Buffer.from(bytes).toString('utf8')))
  } catch (failure) {
    if (failure instanceof SyntaxError) return null
    throw failure
  }
}

/**
 * Sends a request under a token of its own. A callee whose clock is elsewhere refuses the token before
 * it does anything, and tells its time: then the request is sent once more, in that time.
 * @throws NotTakenError, whose cause is the refusal, when the callee takes nothing at the moment
 */
export async function sendUnderToken(
  tokens: CalleeTokens | null,
  asked: TokenFor,
  send: Send,
): Promise<Response> {
  for (let isSecond = false; ; isSecond = true) {
    const token = tokens?.mint(asked) ?? null
    const { answer, refusal } = await lookInto(await send(token))
    if (answer.status === 503 && isDomainError(refusal) && NOT_TAKEN.has(refusal.code)) {
      throw new NotTakenError(refusal.message, { cause: refusal })
    }
    if (isSecond || !tokens || token === null) return answer
    if (!tokens.learn({ callee: asked.callee, token, refusal })) return answer
  }
}
