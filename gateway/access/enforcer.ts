import type { GraphQLSchema } from 'graphql'
import { LRUCache } from 'lru-cache'
import type { Viewer } from '#kernel/auth/viewer.ts'
import {
  type ClientOperation,
  type FilteredOperation,
  filterOperation,
} from './filter-operation.ts'
import { type Policies, rightsOf } from './rights.ts'
import type { AccessRules } from './scope-rules.ts'

/** How access rules are enforced; a supergraph that carries rules is not served without one. */
export type AccessEnforcer = {
  /** Functions that `@policy` names. */
  policies: Policies
  /** Filtered operations that are remembered, per supergraph. */
  capacity?: number
}

/** Filters operations of one supergraph. */
export type OperationFilter = (
  operation: ClientOperation & { text: string },
  viewer: Viewer,
) => FilteredOperation

const DEFAULT_CAPACITY = 2000
/** Characters of all remembered documents together. */
const MAX_CHARACTERS = 32_000_000

/**
 * Remembers filtered operations by text, operation and rights, so that viewers with equal rights
 * share one filtered document, one plan and one hash. `text` is the source that was parsed.
 */
export function createOperationFilter(
  supergraph: { schema: GraphQLSchema; rules: AccessRules },
  { policies, capacity = DEFAULT_CAPACITY }: AccessEnforcer,
): OperationFilter {
  const remembered = new LRUCache<string, FilteredOperation>({
    max: capacity,
    maxSize: MAX_CHARACTERS,
    sizeCalculation: (filtered, key) => filtered.text.length + key.length,
  })
  return (operation, viewer) => {
    const rights = rightsOf(viewer, supergraph.rules, policies)
    const key = `${rights.key}\0${operation.operationName ?? ''}\0${operation.text}`
    const known = remembered.get(key)
    if (known) return known
    const filtered = filterOperation(operation, { ...supergraph, rights })
    remembered.set(key, filtered)
    return filtered
  }
}
