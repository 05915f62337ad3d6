import type { CalleeTokens, TokenFor } from '../auth/callee-tokens.ts'
import { isDomainError } from '../errors.ts'
import { readBounded } from './bounded-answer.ts'
import { NOT_TAKEN } from './errors.ts'
import type { WholeAnswer } from './exchange.ts'
import { NotTakenError } from './not-taken.ts'
import { toRefusal } from './service-refusal.ts'

/** Sends one request to a service, under the token given; null where there is no platform. */
export type Send<Answer> = (token: string | null) => Promise<Answer>

/** Finds the refusal in an answer, if it is one, and gives the answer to be read as if nobody had looked. */
export type LookInto<Answer> = (answer: Answer) => Looked<Answer> | Promise<Looked<Answer>>

type Looked<Answer> = { answer: Answer; refusal: unknown }

const REFUSES = new Set([401, 503])
const JSON_ANSWER = /^application\/json\s*(;|$)/i
/** A refusal is one line; what is longer is none. */
const LONGEST_REFUSAL = 16_384

const mayRefuse = (status: number, contentType: string) =>
  REFUSES.has(status) && JSON_ANSWER.test(contentType)

const lookIntoResponse: LookInto<Response> = async (answer) => {
  const contentType = answer.headers.get('content-type') ?? ''
  if (!mayRefuse(answer.status, contentType)) return { answer, refusal: null }
  const bytes = await readBounded(answer, LONGEST_REFUSAL)
  const { status, headers } = answer
  const again = new Response(bytes, { status, headers })
  return { answer: again, refusal: bytes && parseRefusal(Buffer.from(bytes).toString('utf8')) }
}

/** For answers that were read whole. */
export const lookIntoWhole: LookInto<WholeAnswer> = (answer) => {
  const { status, contentType, text } = answer
  const isRefusal = mayRefuse(status, contentType) && text.length <= LONGEST_REFUSAL
  return { answer, refusal: isRefusal ? parseRefusal(text) : null }
}

function parseRefusal(text: string) {
  try {
    return toRefusal(JSON.parse(text))
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
  send: Send<Response>,
): Promise<Response> {
  return sendAndLook(tokens, asked, { send, lookInto: lookIntoResponse })
}

/** The same, for answers of any form. */
export async function sendAndLook<Answer extends { status: number }>(
  tokens: CalleeTokens | null,
  asked: TokenFor,
  { send, lookInto }: { send: Send<Answer>; lookInto: LookInto<Answer> },
): Promise<Answer> {
  for (let isSecond = false; ; isSecond = true) {
    const token = tokens?.mint(asked) ?? null
    const looked = lookInto(await send(token))
    const { answer, refusal } = looked instanceof Promise ? await looked : looked
    if (answer.status === 503 && isDomainError(refusal) && NOT_TAKEN.has(refusal.code)) {
      throw new NotTakenError(refusal.message, { cause: refusal })
    }
    if (isSecond || !tokens || token === null) return answer
    if (!tokens.learn({ callee: asked.callee, token, refusal })) return answer
  }
}
