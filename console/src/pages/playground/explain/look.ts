import { errorsIn } from '../answer.ts'
import { type AskOptions, ask, type Question } from '../ask.ts'
import { hasRun, type Look, lookIn } from './explanation.ts'

const PATIENCE_MS = 15_000
const PROBE: Question = { text: '{ __typename }', variables: {}, operationName: null }

const explaining = (question: Question): Question => ({
  ...question,
  extensions: { explain: true },
})

/**
 * Whether explanations are known here, asked by an operation that does nothing. It spares what would be
 * run in vain, and promises nothing: behind one address gateways of two versions may stand.
 */
let probed: Promise<boolean> | null = null

async function probe(): Promise<boolean> {
  const signal = AbortSignal.timeout(PATIENCE_MS)
  const answer = await ask(explaining(PROBE), { asker: { kind: 'nobody' }, signal })
  const isKnown = lookIn(answer).kind === 'explained'
  // Refused for another reason: that may pass.
  if (!isKnown && errorsIn(answer.body).length > 0) probed = null
  return isKnown
}

/**
 * Asks what an operation costs and needs. A gateway that knows no explanations runs it instead, and its
 * answer is then what came of it: whoever asks this of a change must want it to happen.
 * @throws SessionRefused, or what `fetch` throws: cut off, too slow, stopped
 */
export async function lookAt(question: Question, options: AskOptions): Promise<Look> {
  probed ??= probe()
  const isKnown = await probed.catch((failure: unknown) => {
    probed = null
    throw failure
  })
  if (!isKnown) return { kind: 'unknown' }
  options.signal.throwIfAborted()
  const look = lookIn(await ask(explaining(question), options))
  if (look.kind === 'answered' && hasRun(look.answer)) probed = null
  return look
}
