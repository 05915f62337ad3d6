import type { DocumentNode } from 'graphql'
import { getOperationAST } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Viewer } from '#kernel/auth/viewer.ts'
import type { Metrics } from '../metrics.ts'
import type { OperationNames } from '../seeing/operation-names.ts'
import { contextOf } from './asking.ts'
import type { RequestFacts } from './request-facts.ts'
import { outcomeOf } from './use-metrics.ts'

type Reach = 'none' | 'tenant' | 'platform'

const REACH: Readonly<Record<Viewer['reach']['kind'], Reach>> = {
  none: 'none',
  guild: 'tenant',
  tenant: 'tenant',
  platform: 'platform',
}

type Args = { document: DocumentNode; operationName?: string | null; contextValue?: unknown }

/** Counts valid operations by name, class of asker and outcome, over every channel. */
export function useOperationMetrics(
  { operations, operationSeconds }: Pick<Metrics, 'operations' | 'operationSeconds'>,
  names: OperationNames,
): Plugin {
  const begin = (args: Args) => {
    const { viewer } = contextOf(args).asking
    const node = getOperationAST(args.document, args.operationName)
    const name = names.wordOf(node?.name?.value ?? null)
    const began = performance.now()
    return {
      count: (outcome: RequestFacts['outcome']) =>
        operations.inc({ name, reach: REACH[viewer.reach.kind], outcome }),
      time: () => operationSeconds.observe({ name }, (performance.now() - began) / 1000),
    }
  }
  return {
    onExecute({ args, executeFn, setExecuteFn }) {
      const { count, time } = begin(args)
      setExecuteFn(async (again) => {
        let outcome: RequestFacts['outcome'] = 'error'
        try {
          const result: unknown = await executeFn(again)
          outcome = outcomeOf(result)
          return result
        } finally {
          count(outcome)
          time()
        }
      })
    },
    onSubscribe({ args }) {
      const { count } = begin(args)
      return { onSubscribeResult: ({ result }) => count(outcomeOf(result)) }
    },
  }
}
