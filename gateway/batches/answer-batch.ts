import { type ExecutionResult, GraphQLError, getOperationAST } from 'graphql'
import type { Logger } from '#kernel/log.ts'
import type { OperationLimits } from '../demand/operation-limits.ts'
import type { ResolveDocument } from '../documents/resolve-document.ts'
import { gatewayError } from '../errors.ts'
import type { PreparedOperation } from '../live/prepare-operation.ts'
import { prepareOperation } from '../live/prepare-operation.ts'
import type { Metrics } from '../metrics.ts'
import { createAsking } from '../plugins/asking.ts'
import { measureOperation } from '../plugins/operation-size.ts'
import { plainParams } from '../plugins/plain-params.ts'
import { newFacts, type RequestFacts } from '../plugins/request-facts.ts'
import { presentResult } from '../plugins/use-error-masking.ts'
import { observeRequest, outcomeOf } from '../plugins/use-metrics.ts'
import type { HttpDoor } from '../server.ts'

export type BatchDeps = {
  resolve: ResolveDocument
  settings: { limits: Pick<OperationLimits, 'rootFields'> }
  metrics: Metrics
  log: Logger
}

/** Who sent a batch, and what is gone when they are. */
export type BatchSender = { door: HttpDoor; facts: RequestFacts; gone: AbortSignal }

/** One operation of a batch: made ready, or refused. */
type Item = {
  facts: RequestFacts
  kind: 'query' | 'mutation' | 'none'
  run: () => Promise<ExecutionResult>
}

const refused = (facts: RequestFacts, errors: readonly unknown[]): Item => ({
  facts: Object.assign(facts, { outcome: 'refused' }),
  kind: 'none',
  // What is no error of GraphQL yet becomes one where it is presented.
  run: async () => ({ errors: errors as readonly GraphQLError[] }),
})

const noRequest = () =>
  new GraphQLError(gatewayError('BAD_REQUEST').message, { extensions: { code: 'BAD_REQUEST' } })

async function prepare(
  { resolve }: BatchDeps,
  { door, facts: { requestId, client, identity, wantsQueryPlan, span }, gone }: BatchSender,
  given: unknown,
): Promise<Item & { operation?: PreparedOperation }> {
  const facts = { ...newFacts({ requestId, client }), wantsQueryPlan, span }
  const params = plainParams(given)
  if (!params) return refused(facts, [noRequest()])
  if (!identity) throw new Error('A batch without an asker.')
  const known = { requestId, client, identity, wantsQueryPlan, facts, gone }
  const asking = createAsking({ ...known, channel: 'http', resume: null })
  try {
    const operation = await prepareOperation(door, resolve(params), asking)
    if (Array.isArray(operation)) return refused(facts, operation)
    const kind = getOperationAST(operation.document, operation.operationName)?.operation
    if (kind !== 'query' && kind !== 'mutation') throw gatewayError('BATCHING_NOT_SUPPORTED')
    const { rootValue, ...args } = operation
    const run = async () => (await rootValue.execute(args)) as ExecutionResult
    return { facts, kind, run, operation }
  } catch (failure) {
    return refused(facts, [failure])
  }
}

/** Each operation has its bounds; together they may not be what one of them may not be. */
function checkTogether(
  operations: readonly (PreparedOperation | undefined)[],
  { settings: { limits } }: BatchDeps,
): void {
  const sizes = operations.map((operation) =>
    operation ? measureOperation(operation.document).rootFields : 0,
  )
  const found = sizes.reduce((total, rootFields) => total + rootFields, 0)
  const allowed = limits.rootFields
  if (found > allowed) throw gatewayError('BATCH_LIMIT', { allowed, found })
}

/** Changes alone and in order; what only reads runs beside its neighbours. */
function inTurns(items: readonly Item[]): Item[][] {
  const turns: Item[][] = []
  for (const item of items) {
    const last = turns.at(-1)
    const joins = item.kind !== 'mutation' && last?.[0]?.kind !== 'mutation'
    if (last && joins) last.push(item)
    else turns.push([item])
  }
  return turns
}

/**
 * Answers the operations of one request in their order, each as if it were alone.
 * @throws BATCH_LIMIT
 */
export async function answerBatch(
  deps: BatchDeps,
  sender: BatchSender,
  list: readonly unknown[],
): Promise<ExecutionResult[]> {
  const items: Awaited<ReturnType<typeof prepare>>[] = []
  for (const given of list) items.push(await prepare(deps, sender, given))
  checkTogether(
    items.map(({ operation }) => operation),
    deps,
  )
  sender.facts.isChange = items.some(({ kind }) => kind === 'mutation')
  const answers: ExecutionResult[] = []
  for (const turn of inTurns(items)) {
    answers.push(...(await Promise.all(turn.map((item) => answer(deps, item)))))
  }
  return answers
}

async function answer({ metrics, log }: BatchDeps, { facts, kind, run }: Item) {
  const result = presentResult(await run(), {
    ...{ requestId: facts.requestId, log, count: metrics.countError },
  })
  if (kind !== 'none') facts.outcome = outcomeOf(result)
  observeRequest(metrics, facts, 200)
  return result
}
