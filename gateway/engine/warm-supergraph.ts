import { type DocumentNode, Kind, type OperationDefinitionNode, parse, validate } from 'graphql'
import { anonymousViewer } from '#kernel/auth/viewer.ts'
import type { FilteredOperation } from '../access/filter-operation.ts'
import type { HotOperation } from './hot-operations.ts'
import { withoutDefer } from './incremental/defer-in.ts'
import type { LoadedSupergraph } from './load-supergraph.ts'
import type { PlanCache } from './plan-cache.ts'
import { type Ahead, type AheadBounds, planAhead } from './planning/plan-ahead.ts'
import { splitIntrospection } from './split-introspection.ts'

/** A document that is known before anybody asks it. */
export type KnownDocument = { source: string }

const nobody = anonymousViewer('planned-ahead')

/** Which fields are asked may depend on variables: none of its conditions holds, or each does. */
function conditionsOf({ operation: { variableDefinitions = [] } }: FilteredOperation) {
  const names = variableDefinitions.map(({ variable }) => variable.name.value)
  return [{}, Object.fromEntries(names.map((name) => [name, true]))]
}

/** Makes the plans that an execution would ask for, whole and not in parts. */
export async function planFiltered(plans: PlanCache, filtered: FilteredOperation): Promise<void> {
  if (filtered.isFullyDenied) return
  const { planned } = splitIntrospection(withoutDefer(filtered))
  if (!planned) return
  for (const variables of conditionsOf(planned))
    await plans.planOf(plans.settle(planned, variables))
}

function hotAhead(loaded: LoadedSupergraph, { asked, viewer, uses }: HotOperation): Ahead {
  return async () => {
    if (validate(loaded.apiSchema, asked.document).length > 0) return false
    const granted = await loaded.policiesFor(asked, viewer)
    const filtered = loaded.authorise(asked, viewer, granted)
    // What was hot long ago gives way to what is.
    loaded.hot.note(filtered, { asked, viewer, uses: uses / 2 })
    await planFiltered(loaded.plans, filtered)
    return true
  }
}

const operationsIn = ({ definitions }: DocumentNode): OperationDefinitionNode[] =>
  definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)

/** For those who may see all of it, and for those who are nobody. */
function documentAhead(loaded: LoadedSupergraph, { source }: KnownDocument): Ahead {
  return async () => {
    const document = parse(source, { noLocation: true })
    if (validate(loaded.apiSchema, document).length > 0) return false
    for (const { name } of operationsIn(document)) {
      const asked = { document, operationName: name?.value }
      await loaded.planWhole(asked)
      await planFiltered(loaded.plans, loaded.authorise(asked, nobody))
    }
    return true
  }
}

/** Plans known documents, for whoever may see all of them and for nobody in particular. */
export function warmDocuments(
  loaded: LoadedSupergraph,
  documents: readonly KnownDocument[],
  bounds: AheadBounds,
): Promise<void> {
  const ahead = documents.map((document) => documentAhead(loaded, document))
  return planAhead('documents', ahead, bounds)
}

/** Plans for a new version what is asked most of the one that it follows. */
export function warmHottest(
  loaded: LoadedSupergraph,
  hottest: readonly HotOperation[],
  bounds: AheadBounds,
): Promise<void> {
  const ahead = hottest.map((hot) => hotAhead(loaded, hot))
  return planAhead('the operations asked most', ahead, bounds)
}
