import { prettyFormatQueryPlan } from '@apollo/query-planner'
import type { ExecutionResult } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { splitIntrospection } from '../engine/split-introspection.ts'
import { contextOf, type OperationContext } from './asking.ts'

/** Shows how an operation is fetched, to those who ask where the setting allows it. */
export function useQueryPlan(): Plugin {
  return {
    onExecute({ args }) {
      const context = contextOf(args)
      if (!context.asking.wantsQueryPlan) return
      return {
        onExecuteDone({ result, setResult }) {
          const queryPlan = planText(context)
          const answer = result as ExecutionResult
          if (queryPlan) setResult({ ...answer, extensions: { ...answer.extensions, queryPlan } })
        },
      }
    },
  }
}

function planText({ filtered, loaded }: OperationContext): string | null {
  if (!filtered || filtered.isFullyDenied) return null
  const { planned } = splitIntrospection(filtered)
  return planned && prettyFormatQueryPlan(loaded.plans.planOf(planned))
}
