import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { useCallback, useState } from 'react'
import { type AnyVariables, useClient } from 'urql'
import { UNREACHABLE } from '../session/session-calls.ts'
import { createStore } from '../store.ts'
import { type Problem, problemIn } from './problem.ts'

/** A change that is under way, refused, or neither. */
export type Change<Data, Variables> = {
  isRunning: boolean
  problem: Problem | null
  /** @returns what was changed, or null where it was refused: `problem` says why */
  run: (variables: Variables) => Promise<Data | null>
  /** Forgets the refusal. */
  clear: () => void
}

/** Counts changes that this page has made: lists that stand on it read themselves anew. */
export const ownChanges = createStore(0)

/** Codes after which nobody knows whether a change was made. */
const UNCERTAIN: readonly string[] = [UNREACHABLE, 'REQUEST_TIMEOUT']

const uncertain = (problem: Problem): Problem =>
  UNCERTAIN.includes(problem.code)
    ? {
        ...problem,
        advice: 'Whether the change was made is not known. Look, or send the same again.',
      }
    : problem

/** One mutation for a component that offers it. A part of the answer that is refused refuses it all. */
export function useChange<Data, Variables>(
  document: TypedDocumentNode<Data, Variables>,
): Change<Data, Variables> {
  const client = useClient()
  const [isRunning, setRunning] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const run = useCallback(
    async (variables: Variables) => {
      setRunning(true)
      setProblem(null)
      const { data, error } = await client
        .mutation<Data, AnyVariables>(document as never, variables as unknown as AnyVariables)
        .toPromise()
      setRunning(false)
      if (error) setProblem(uncertain(problemIn(error)))
      else ownChanges.set(ownChanges.get() + 1)
      return error || !data ? null : data
    },
    [client, document],
  )
  return { isRunning, problem, run, clear: useCallback(() => setProblem(null), []) }
}
