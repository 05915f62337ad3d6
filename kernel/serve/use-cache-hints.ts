import type { DocumentNode, ExecutionResult } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { maxAgeOf } from '../graphql/cache-hints.ts'

/** The schema of a subgraph never changes: documents that are parsed once are judged once. */
const known = new WeakMap<DocumentNode, Map<string, number>>()

/** Tells the gateway by `Cache-Control` how long an answer may be kept, where its fields declare it. */
export function useCacheHints(): Plugin {
  return {
    onExecute({ args }) {
      const name = args.operationName ?? ''
      const ages = known.get(args.document) ?? new Map<string, number>()
      const maxAge = ages.get(name) ?? maxAgeOf(args)
      known.set(args.document, ages.set(name, maxAge))
      if (maxAge <= 0) return
      return {
        onExecuteDone({ result, setResult }) {
          const answer = result as ExecutionResult
          if (answer.errors) return
          const headers = { 'cache-control': `max-age=${maxAge}` }
          setResult({ ...answer, extensions: { ...answer.extensions, http: { headers } } })
        },
      }
    },
  }
}
