import type { ExecutionResult } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Scope } from '#kernel/auth/scopes.ts'
import { withoutDefer } from '../engine/incremental/defer-in.ts'
import { splitIntrospection } from '../engine/split-introspection.ts'
import { describePlan, type ShownPlan } from '../seeing/shown-plan.ts'
import type { GatewaySettings } from '../settings.ts'
import { contextOf, type OperationContext } from './asking.ts'
import { isStream } from './streamed-answer.ts'

/** Who holds it sees plans wherever the setting does not show them to everybody. */
export const OBSERVE: Scope = 'platform:observe'

/** Shows how an operation was fetched to those who ask and may see it; to others it says nothing. */
export function useQueryPlan({
  exposeQueryPlan,
}: Pick<GatewaySettings, 'exposeQueryPlan'>): Plugin {
  const may = ({ asking }: OperationContext) =>
    exposeQueryPlan || asking.viewer.scopes.includes(OBSERVE)
  return {
    onExecute({ args }) {
      const context = contextOf(args)
      if (!context.asking.wantsQueryPlan || !may(context)) return
      return {
        async onExecuteDone({ result, setResult }) {
          // An answer in parts has no room for it.
          if (isStream(result)) return
          const queryPlan = await planOf(context)
          const answer = result as ExecutionResult
          if (queryPlan) setResult({ ...answer, extensions: { ...answer.extensions, queryPlan } })
        },
      }
    },
  }
}

/** The plan that was executed; that of the reference executor is made here, and has no times. */
async function planOf({ filtered, loaded, seen }: OperationContext): Promise<ShownPlan | null> {
  if (!filtered || filtered.isFullyDenied) return null
  const known = seen?.seen
  if (known?.plan) return describePlan(known.plan, known.executed)
  const { planned } = splitIntrospection(withoutDefer(filtered))
  return planned && describePlan({ query: await loaded.plans.planOf(planned), isKnown: null }, null)
}
