import { useCallback, useEffect, useRef, useState } from 'react'
import { type AnswerError, errorsIn } from '../answer.ts'
import type { Question } from '../ask.ts'
import type { Credential } from '../credential.ts'
import { type Explanation, hasRun, type Look } from './explanation.ts'
import { lookAt } from './look.ts'

/** What is known of the operation that is being typed. */
export type ExplainState =
  | { kind: 'none' }
  | { kind: 'asking' }
  | { kind: 'explained'; explanation: Explanation }
  /** It would not run at all. */
  | { kind: 'refused'; errors: readonly AnswerError[] }
  /** It changes something: nothing is asked until it is to run. */
  | { kind: 'change' }
  /** This gateway explains nothing. */
  | { kind: 'unknown' }
  | { kind: 'unreachable' }

/** With the question that it is about. */
export type Explaining = {
  state: ExplainState
  /** It is about what was typed before; the next is on its way. */
  isOld: boolean
  explainNow: () => Promise<void>
  /** What was heard when the operation was to run. */
  tell: (look: Look) => void
}

export type ExplainOptions = {
  /** Null: nothing can be asked yet. */
  question: Question | null
  asker: Credential
  /** A gateway that knows no explanations would run it: a change is never asked about by itself. */
  isChange: boolean
}

const WAIT_MS = 600
const PATIENCE_MS = 15_000

function stateOf(look: Look): ExplainState {
  if (look.kind !== 'answered') return look
  const errors = errorsIn(look.answer.body)
  const isRefused = errors.length > 0 && !hasRun(look.answer)
  return isRefused ? { kind: 'refused', errors } : { kind: 'unknown' }
}

const keyOf = ({ question, asker }: ExplainOptions) => question && JSON.stringify([question, asker])

/** Explains an operation a moment after it was typed; a change only when it is to run. */
export function useExplanation(options: ExplainOptions): Explaining {
  const [known, setKnown] = useState<{ key: string; state: ExplainState } | null>(null)
  const control = useRef(new AbortController())
  const key = keyOf(options)
  const { isChange } = options
  const latest = useRef(options)
  latest.current = options
  const explainNow = useCallback(async (): Promise<void> => {
    const { question, asker } = latest.current
    const about = keyOf(latest.current)
    if (!question || about === null || latest.current.isChange) return
    control.current.abort()
    control.current = new AbortController()
    const { signal } = control.current
    const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)])
    const state = await lookAt(question, { asker, signal: patience }).then(
      stateOf,
      (): ExplainState => ({ kind: 'unreachable' }),
    )
    if (!signal.aborted) setKnown({ key: about, state })
  }, [])
  useEffect(() => {
    if (key === null || isChange) return undefined
    const timer = setTimeout(() => void explainNow(), WAIT_MS)
    return () => clearTimeout(timer)
  }, [key, isChange, explainNow])
  useEffect(() => () => control.current.abort(), [])
  const tell = (look: Look) => key !== null && setKnown({ key, state: stateOf(look) })
  const isOld = key !== null && !isChange && known?.key !== key
  if (key === null) return { state: { kind: 'none' }, isOld, explainNow, tell }
  if (isChange && known?.key !== key) return { state: { kind: 'change' }, isOld, explainNow, tell }
  return { state: known?.state ?? { kind: 'asking' }, isOld, explainNow, tell }
}
