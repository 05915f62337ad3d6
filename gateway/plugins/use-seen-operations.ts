import { type ExecutionResult, GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { codeOf } from '../seeing/node-record.ts'
import type { Seeing } from '../seeing/seeing.ts'
import { contextOf, type OperationContext } from './asking.ts'
import type { FactsOfRequests } from './request-facts.ts'

/** What stands in the context while a document is read: a request, or who asks over a WebSocket. */
type Early = Partial<OperationContext> & { request?: Request }

const refusalOf = (failure: unknown): ExecutionResult => ({
  errors: [new GraphQLError('', { extensions: { code: codeOf(failure) } })],
})

/** Looks at each operation that is executed from its parsing to its end, where somebody wants to see. */
export function useSeenOperations(seeing: Seeing, facts: FactsOfRequests): Plugin {
  return {
    onParse({ context }) {
      const early = context as Early
      const known = early.asking ? early.asking.facts : early.request && facts.of(early.request)
      const extensions = early.params?.extensions
      const seen = seeing.beginOperation({ facts: known ?? null, extensions })
      if (!seen) return
      early.seen = seen
      seen.enter('parse')
    },
    onValidate({ context }) {
      const { seen } = context as Early
      if (!seen) return
      seen.enter('validate')
      return () => seen.enter('prepare')
    },
    onExecute({ args, executeFn, setExecuteFn }) {
      const { seen, asking } = contextOf(args)
      if (!seen) return
      const variables = args.variableValues ?? {}
      const end = (result: ExecutionResult) =>
        seeing.endOperation(seen, { asking, variables, result })
      setExecuteFn(async (again) => {
        try {
          const result = (await executeFn(again)) as ExecutionResult
          end(result)
          return result
        } catch (failure) {
          end(refusalOf(failure))
          throw failure
        }
      })
    },
    onSubscribe({ args }) {
      const { seen, asking } = contextOf(args)
      if (!seen) return
      const variables = args.variableValues ?? {}
      return {
        onSubscribeResult: () =>
          void seeing.endOperation(seen, { asking, variables, result: null }),
      }
    },
  }
}
