import { ROOT_CONTEXT } from '@opentelemetry/api'
import { Kind, parse } from 'graphql'
import type { FilteredOperation } from '#gateway/access/filter-operation.ts'
import { anonymousIdentity } from '#gateway/access/who/anonymous.ts'
import { createAsking } from '#gateway/plugins/asking.ts'
import { type OperationRecord, recordOperation } from '#gateway/seeing/operation-record.ts'
import type { Ending } from '#gateway/seeing/seeing.ts'

function filtered(text: string): FilteredOperation {
  const document = parse(text)
  const [operation] = document.definitions
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation')
  return {
    ...{ original: document, document, text, operation, documentHash: '' },
    ...{ operationName: operation.name?.value ?? null, fragments: new Map(), marks: new Map() },
    ...{ removedPaths: [], isFullyDenied: false },
  }
}

/** An operation that has just ended and began at a time, as the gateway saw it. */
export function recordOf(text: string, startedAt: number): [OperationRecord, Ending] {
  const record = recordOperation({
    ...{ tracer: null, looksAtNodes: true, isPlanShown: false, within: ROOT_CONTEXT, links: [] },
  })
  record.is(filtered(text))
  record.end({})
  const asking = createAsking({
    ...{ channel: 'http', requestId: 'r', identity: anonymousIdentity, client: null },
    ...{ resume: null, wantsQueryPlan: false, facts: null, gone: null },
  })
  return [
    { ...record, startedAt },
    { asking, variables: {}, result: {} },
  ]
}
