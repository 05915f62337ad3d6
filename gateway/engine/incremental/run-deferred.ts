import type { DeferNode, PlanNode } from '@apollo/query-planner'
import { type GraphQLError, type GraphQLSchema, isObjectType } from 'graphql'
import { gatewayError } from '../../errors.ts'
import { takesContext } from '../context-arguments.ts'
import { type PlanExecution, type PlanRun, runNode } from '../execute-plan.ts'
import { isJsonObject, own, put } from '../own-properties.ts'
import type { PlanPath } from '../plan-paths.ts'

/** The execution of a plan with deferred blocks. */
export type DeferredRun = {
  /** Resolves when all that is not deferred is there, or rejects with why the run was aborted. */
  primary: Promise<readonly GraphQLError[]>
  /** What went wrong in a deferred block, or null while it runs. */
  errorsOf: (label: string) => readonly GraphQLError[] | null
  /** Resolves when one more block is done. Rejects with what ended the run. */
  changed: () => Promise<void>
}

type State = {
  done: Map<string, readonly GraphQLError[]>
  arrivals: Map<string, PromiseWithResolvers<void>>
  failure: { cause: unknown } | null
  wake: PromiseWithResolvers<void>
}

function arrivalOf({ arrivals }: State, id: string): PromiseWithResolvers<void> {
  const arrival = arrivals.get(id) ?? Promise.withResolvers<void>()
  arrivals.set(id, arrival)
  return arrival
}

function tell(state: State): void {
  state.wake.resolve()
  state.wake = Promise.withResolvers()
}

type Merge = NonNullable<PlanRun['merge']>

/**
 * Lays what a deferred fetch brought beside what is there: what may have been answered already
 * stays as it is. What was known by its interface alone becomes what it is.
 * @throws SUBGRAPH_ANSWER_INVALID for a list that meanwhile has another length
 */
export function besideIn(schema: GraphQLSchema): Merge {
  const mayReplace = (key: string, existing: unknown) =>
    existing === undefined ||
    existing === null ||
    (key === '__typename' && !isObjectType(schema.getType(String(existing))))
  const mergeBeside: Merge = (target, incoming) => {
    for (const key of Object.keys(incoming)) {
      const existing = own(target, key)
      if (mayReplace(key, existing)) put(target, key, incoming[key])
      else besideValue(existing, incoming[key], mergeBeside)
    }
  }
  return mergeBeside
}

function besideValue(existing: unknown, incoming: unknown, merge: Merge): void {
  if (existing === incoming) return
  if (isJsonObject(existing) && isJsonObject(incoming)) merge(existing, incoming)
  if (!Array.isArray(existing) || !Array.isArray(incoming)) return
  if (existing.length !== incoming.length) throw gatewayError('SUBGRAPH_ANSWER_INVALID')
  for (let index = 0; index < incoming.length; index++) {
    if (existing[index] === null || existing[index] === undefined) existing[index] = incoming[index]
    else besideValue(existing[index], incoming[index], merge)
  }
}

type Block = {
  block: DeferNode['deferred'][number]
  path: PlanPath
  /** Resolves when all is there that stands around the block. */
  primary: Promise<unknown>
}

async function runBlock(state: State, run: PlanRun, { block, path, primary }: Block) {
  // What begins at the root asks for fields anew: it may be merged only into all of the primary part.
  const needsAll = block.queryPath.length === 0 || block.depends.length === 0
  const needed = Promise.all(block.depends.map(({ id }) => arrivalOf(state, id).promise))
  await (needsAll ? primary : Promise.race([needed, primary]))
  const errors: GraphQLError[] = []
  const merge = besideIn(run.schema)
  const own: PlanRun = { ...run, errors, merge, defer: deferrer(state, primary) }
  if (block.node) await runNode(own, block.node, path)
  if (block.label !== undefined) state.done.set(block.label, errors)
  tell(state)
}

/** Runs what is deferred within a part, once `around` says that all around that part is there. */
function deferrer(state: State, around: Promise<unknown>): NonNullable<PlanRun['defer']> {
  return async (run, node, path) => {
    const own = Promise.withResolvers<void>()
    const primary = Promise.all([around, own.promise])
    for (const block of node.deferred)
      runBlock(state, run, { block, path, primary }).catch((cause: unknown) => {
        state.failure ??= { cause }
        tell(state)
      })
    if (node.primary.node) await runNode(run, node.primary.node, path)
    // Fetches that conditions left out never arrive.
    own.resolve()
  }
}

/** Executes a plan whose deferred blocks begin when the fetches that they depend on have arrived. */
export function runDeferred(execution: PlanExecution & { node: PlanNode }): DeferredRun {
  const { node, ...rest } = execution
  const wake = Promise.withResolvers<void>()
  const state: State = { done: new Map(), arrivals: new Map(), failure: null, wake }
  const errors: GraphQLError[] = []
  const run: PlanRun = {
    ...rest,
    errors,
    shared: new Set(),
    isApart: takesContext(node),
    fetched: (id) => arrivalOf(state, id).resolve(),
    defer: deferrer(state, Promise.resolve()),
  }
  rest.signal.addEventListener('abort', () => tell(state), { once: true })
  return {
    primary: runNode(run, node, []).then(() => errors),
    errorsOf: (label) => state.done.get(label) ?? null,
    async changed() {
      if (!state.failure && !rest.signal.aborted) await state.wake.promise
      rest.signal.throwIfAborted()
      if (state.failure) throw state.failure.cause
    },
  }
}

/** The deferred blocks of a plan that need fetches of their own. */
export function labelsWithin(node: PlanNode | undefined, labels = new Set<string>()): Set<string> {
  if (!node) return labels
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      for (const child of node.nodes) labelsWithin(child, labels)
      return labels
    case 'Flatten':
      return labelsWithin(node.node, labels)
    case 'Condition':
      labelsWithin(node.ifClause, labels)
      return labelsWithin(node.elseClause, labels)
    case 'Defer':
      labelsWithin(node.primary.node, labels)
      for (const block of node.deferred) {
        const fetches = block.node?.kind === 'Defer' ? block.node.primary.node : block.node
        if (fetches && block.label !== undefined) labels.add(block.label)
        labelsWithin(block.node, labels)
      }
      return labels
    case 'Fetch':
      return labels
  }
}
