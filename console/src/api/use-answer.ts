import { useRef } from 'react'
import { type AnyVariables, type UseQueryArgs, type UseQueryResponse, useQuery } from 'urql'

/**
 * As `useQuery`, but what was known of this question stays where it cannot be read anew: a cut takes
 * nothing off the page. Rights that change take all of the page away, this too.
 */
export function useAnswer<Data, Variables extends AnyVariables>(
  question: UseQueryArgs<Variables, Data>,
): UseQueryResponse<Data, Variables> {
  const [state, ask] = useQuery<Data, Variables>(question)
  const known = useRef<{ key: string; data: Data } | null>(null)
  const key = JSON.stringify(question.variables ?? {})
  // Until another question is answered, urql still tells the answer to the one before.
  const isOfThis = JSON.stringify(state.operation?.variables ?? {}) === key
  const data = isOfThis ? state.data : undefined
  if (data) known.current = { key, data }
  const kept = known.current?.key === key ? known.current.data : undefined
  const { data: _ofAnother, ...rest } = state
  const shown = data ?? kept
  return [shown === undefined ? rest : { ...rest, data: shown }, ask]
}
