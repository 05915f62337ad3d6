import {
  buildClientSchema,
  type GraphQLSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
} from 'graphql'
import { useEffect, useState } from 'react'
import { gatewayFacts } from '../../gateway-facts.ts'
import { errorsIn } from './answer.ts'
import { ask } from './ask.ts'
import type { Credential } from './credential.ts'

/** The schema as this asker may see it, or why there is none. */
export type SchemaState =
  | { kind: 'off' }
  | { kind: 'loading' }
  | { kind: 'ready'; schema: GraphQLSchema }
  | { kind: 'refused'; why: string }

const TEXT = getIntrospectionQuery({ descriptions: true })
const PATIENCE_MS = 20_000

async function readSchema(asker: Credential, signal: AbortSignal): Promise<SchemaState> {
  const question = { text: TEXT, variables: {}, operationName: 'IntrospectionQuery' }
  const { body, status } = await ask(question, { asker, signal })
  const data = body?.data as IntrospectionQuery | null | undefined
  if (data?.__schema) return { kind: 'ready', schema: buildClientSchema(data) }
  const [error] = errorsIn(body)
  return { kind: 'refused', why: error?.message ?? `The gateway answered ${status}.` }
}

/** Reads the schema by the credential in use, once for each. */
export function useSchema(asker: Credential): SchemaState & { again: () => void } {
  const [state, setState] = useState<SchemaState>({ kind: 'loading' })
  const [tries, setTries] = useState(0)
  const key = asker.kind === 'key' ? asker.text : asker.kind
  useEffect(() => {
    if (!gatewayFacts.hasIntrospection) {
      setState({ kind: 'off' })
      return undefined
    }
    const control = new AbortController()
    const signal = AbortSignal.any([control.signal, AbortSignal.timeout(PATIENCE_MS)])
    setState({ kind: 'loading' })
    // A key that is being typed is not asked with at each letter.
    const timer = setTimeout(
      () => {
        void readSchema(asker, signal).then(setState, (failure: unknown) => {
          if (control.signal.aborted) return
          const why = failure instanceof Error ? failure.message : 'There was no answer.'
          setState({ kind: 'refused', why })
        })
      },
      tries === 0 && asker.kind === 'key' ? 600 : 0,
    )
    return () => {
      clearTimeout(timer)
      control.abort()
    }
  }, [key, tries])
  return { ...state, again: () => setTries((count) => count + 1) }
}
