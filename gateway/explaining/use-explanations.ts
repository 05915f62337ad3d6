import type { ExecutionArgs } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { contextOf } from '../plugins/asking.ts'
import { inTime } from '../plugins/use-request-timeout.ts'
import type { ExplainOperation } from './explain-operation.ts'
import { wantsExplanation } from './wants-explanation.ts'

/**
 * What is to be explained goes no further than here: whatever counts, times and writes down operations
 * comes after this, and hears of none.
 */
export function useExplanations(explain: ExplainOperation, timeoutMs: number): Plugin {
  const explained = (args: ExecutionArgs) => {
    const { asking } = contextOf(args)
    if (asking.facts) asking.facts.operation = 'explanation'
    return inTime(asking, timeoutMs, () => explain(args))
  }
  return {
    onExecute({ args, setResultAndStopExecution: answer }) {
      if (wantsExplanation(contextOf(args))) return explained(args).then(answer)
    },
    onSubscribe({ args, setResultAndStopExecution: answer }) {
      if (wantsExplanation(contextOf(args))) return explained(args).then(answer)
    },
  }
}
