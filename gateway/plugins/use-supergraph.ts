import type { Plugin } from 'graphql-yoga'
import type { SupergraphService } from '../supergraph.ts'
import type { OperationContext } from './asking.ts'
import type { RunOperation } from './run-operation.ts'

/**
 * Serves the supergraph of the moment: each operation is parsed, validated, filtered and executed
 * with the version that was current when it began.
 */
export function useSupergraph(supergraph: SupergraphService, run: RunOperation): Plugin {
  return {
    onEnveloped({ setSchema, extendContext }) {
      const loaded = supergraph.current()
      setSchema(loaded.apiSchema)
      const pinned: Pick<OperationContext, 'loaded'> = { loaded }
      // Yoga's type of the context is its own part only.
      extendContext(pinned as object)
    },
    onExecute({ setExecuteFn }) {
      setExecuteFn(run.execute)
    },
    onSubscribe({ setSubscribeFn }) {
      setSubscribeFn(run.subscribe)
    },
  }
}
