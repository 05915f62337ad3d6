import type { ExecutionArgs, ExecutionResult, OperationTypeNode } from 'graphql'
import type { FilteredOperation } from '../access/filter-operation.ts'
import type { Granted } from '../access/policies.ts'
import type { Demand } from '../demand/demand.ts'
import type { ExplainedCost } from '../demand/explained-cost.ts'
import { plannedFor } from '../demand/operation-cost.ts'
import { SHA256_PREFIX } from '../documents/document-id.ts'
import { sha256Of } from '../documents/manifest.ts'
import { coerceVariables } from '../engine/coerce-variables.ts'
import { refusingDefer } from '../engine/incremental/defer-in.ts'
import { contextOf, type OperationContext } from '../plugins/asking.ts'
import { checkVariables } from '../plugins/refuse-input.ts'
import { isSchemaOpen } from '../plugins/use-introspection.ts'
import { wordedAnswer } from '../plugins/worded-answer.ts'
import type { GatewaySettings } from '../settings.ts'
import type { Turns } from '../turns.ts'
import { type ExplainedRights, explainedRights } from './explained-rights.ts'
import { subgraphsIn } from './subgraphs-in.ts'

/** What is told of an operation before it is executed, as `extensions.explain`. */
export type Explanation = ExplainedRights & {
  operation: OperationTypeNode
  name: string | null
  /** Nothing of it would be refused for a lack of rights. */
  isAllowed: boolean
  /** Null where nothing is counted. */
  cost: ExplainedCost | null
  /** Who would be asked. */
  subgraphs: readonly string[]
  /** Of the exact text. */
  documentId: string
}

/** Answers what would become of an operation, in place of executing it: nobody is asked for data. */
export type ExplainOperation = (args: ExecutionArgs) => Promise<ExecutionResult>

export type ExplainOperationDeps = { settings: GatewaySettings; demand: Demand; turns: Turns }

/** The middle of the pipeline for those who want to know before they ask. */
export function createExplainOperation(deps: ExplainOperationDeps): ExplainOperation {
  const { settings, turns } = deps
  return async (args) => {
    const context = contextOf(args)
    await turns.begin()
    context.asking.signal.throwIfAborted()
    const variables = args.variableValues ?? {}
    checkVariables(variables, settings.limits.inputDepth)
    const judged = await judge(deps, context, args)
    const { apiSchema } = context.loaded
    const { operation } = judged.operation
    const { errors, variables: coerced = {} } = coerceVariables(apiSchema, operation, variables)
    // What is refused as a whole is so whatever its variables are.
    if (errors && !judged.isRejected) return wordedAnswer(settings, { errors })
    const explained = await explain(deps, { context, variables, coerced, ...judged })
    return { data: null, extensions: { explain: explained } }
  }
}

type JudgedOperation = { operation: FilteredOperation; granted: Granted; isRejected: boolean }

/** What its asker may have of it. It is no operation that is asked much, nor one that a dry run reports. */
async function judge(
  { settings: { access } }: ExplainOperationDeps,
  { loaded, asking }: OperationContext,
  { document, operationName }: ExecutionArgs,
): Promise<JudgedOperation> {
  const asked = { document, operationName }
  const granted = await loaded.policiesFor(asked, asking.viewer)
  const operation = loaded.authorise(asked, asking.viewer, granted)
  const isRejected = access.mode === 'reject' && operation.removedPaths.length > 0
  return { operation, granted, isRejected }
}

type Explained = JudgedOperation & {
  context: OperationContext
  /** As they were sent, and with their defaults. */
  variables: Readonly<Record<string, unknown>>
  coerced: Readonly<Record<string, unknown>>
}

async function explain(
  { settings, demand }: ExplainOperationDeps,
  explained: Explained,
): Promise<Explanation> {
  const { context, operation, variables } = explained
  const priced = { context, variables, operation: asPlanned(explained) }
  const cost = await demand.explain(priced)
  return {
    operation: operation.operation.operation,
    name: operation.operationName,
    isAllowed: operation.removedPaths.length === 0,
    ...rightsFor(settings, explained),
    cost,
    subgraphs: subgraphsIn(await plannedFor(priced), explained.coerced),
    documentId: SHA256_PREFIX + sha256Of(context.params.query ?? ''),
  }
}

/** As executing would plan it: of what is refused as a whole nothing. @throws DEFER_MISPLACED */
function asPlanned({ context, operation, variables, isRejected }: Explained): FilteredOperation {
  if (isRejected) return { ...operation, isFullyDenied: true }
  return operation.operation.operation === 'subscription'
    ? refusingDefer(operation, context.loaded.apiSchema, variables)
    : operation
}

/** In a dry run nothing is refused here, and who asks is the one who must not learn what would be. */
function rightsFor(
  settings: GatewaySettings,
  { context: { loaded, asking }, operation, granted }: Explained,
): ExplainedRights {
  if (settings.access.mode === 'dry-run') return { rights: [], isWhole: true }
  const isTold = settings.access.refusals !== 'disabled' && isSchemaOpen(settings)
  return explainedRights({ loaded, operation, granted, viewer: asking.viewer, isTold })
}
