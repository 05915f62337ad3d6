import { useCallback, useEffect, useRef, useState } from 'react'
import { type AnswerError, ask, errorsIn, extensionsIn, type Question } from '../ask.ts'
import type { Credential } from '../credential.ts'
import { type Explanation, explanationIn } from './explanation.ts'

/** What is known of the operation that is being typed. */
export type ExplainState =
  | { kind: 'none' }
  | { kind: 'asking' }
  | { kind: 'explained'; explanation: Explanation }
  /** It would not run at all. */
  | { kind: 'refused'; errors: readonly AnswerError[] }
  /** This gateway explains nothing. */
  | { kind: 'unknown' }
  | { kind: 'unreachable' }

/** With the question that it is about. */
export type Explaining = {
  state: ExplainState
  /** It is about what was typed before; the next is on its way. */
  isOld: boolean
  /** What is known, or asked for now. */
  explainNow: () => Promise<ExplainState>
}

const WAIT_MS = 600
const PATIENCE_MS = 15_000
const PROBE: Question = { text: '{ __typename }', variables: {}, operationName: null }

/**
 * Whether explanations are known here, asked once by an operation that does nothing: a gateway that
 * knows none would run what it was asked to explain.
 */
let probed: Promise<boolean> | null = null

const explaining = (question: Question): Question => ({
  ...question,
  extensions: { explain: true },
})

async function explain(
  question: Question,
  asker: Credential,
  signal: AbortSignal,
): Promise<ExplainState> {
  probed ??= ask(explaining(PROBE), { asker: { kind: 'nobody' }, signal }).then(({ body }) => {
    const isKnown = explanationIn(extensionsIn(body)) !== null
    // Refused for another reason: that may pass.
    if (!isKnown && errorsIn(body).length > 0) probed = null
    return isKnown
  })
  const isKnown = await probed.catch((failure: unknown) => {
    probed = null
    throw failure
  })
  if (!isKnown) return { kind: 'unknown' }
  const { body } = await ask(explaining(question), { asker, signal })
  const explanation = explanationIn(extensionsIn(body))
  if (explanation) return { kind: 'explained', explanation }
  const errors = errorsIn(body)
  return errors.length > 0 ? { kind: 'refused', errors } : { kind: 'unknown' }
}

const keyOf = (question: Question | null, asker: Credential) =>
  question && JSON.stringify([question, asker])

/** Explains an operation a moment after it was typed, and when it is asked for. */
export function useExplanation(question: Question | null, asker: Credential): Explaining {
  const [known, setKnown] = useState<{ key: string; state: ExplainState } | null>(null)
  const control = useRef(new AbortController())
  const key = keyOf(question, asker)
  const latest = useRef({ question, asker, key, known })
  latest.current = { question, asker, key, known }
  const explainNow = useCallback(async (): Promise<ExplainState> => {
    const { question: asked, asker: by, key: about, known: before } = latest.current
    if (!asked || about === null) return { kind: 'none' }
    if (before?.key === about && before.state.kind === 'explained') return before.state
    control.current.abort()
    control.current = new AbortController()
    const { signal } = control.current
    const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)])
    const state = await explain(asked, by, patience).catch(
      (): ExplainState => ({ kind: 'unreachable' }),
    )
    if (!signal.aborted) setKnown({ key: about, state })
    return state
  }, [])
  useEffect(() => {
    if (key === null) return undefined
    const timer = setTimeout(() => void explainNow(), WAIT_MS)
    return () => clearTimeout(timer)
  }, [key, explainNow])
  useEffect(() => () => control.current.abort(), [])
  const isOld = key !== null && known?.key !== key
  if (key === null) return { state: { kind: 'none' }, isOld: false, explainNow }
  return { state: known?.state ?? { kind: 'asking' }, isOld, explainNow }
}
