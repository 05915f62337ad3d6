import { type DocumentNode, type GraphQLSchema, print } from 'graphql'
import { LRUCache } from 'lru-cache'
import type { Viewer } from '#kernel/auth/viewer.ts'
import {
  type ClientOperation,
  type FilteredOperation,
  filterOperation,
} from './filter-operation.ts'
import type { ReservedKeys } from './reserved-keys.ts'
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
export type OperationFilter = (operation: AskedOperation, viewer: Viewer) => FilteredOperation

/** `text` may be left out: what is remembered goes by the document itself, which cannot differ. */
export type AskedOperation = ClientOperation & { text?: string | undefined }

const DEFAULT_CAPACITY = 2000
/** Characters of all remembered documents together. */
const MAX_CHARACTERS = 32_000_000

const printed = new WeakMap<DocumentNode, string>()

/** Parsers that remember give the same document again, so that it is rarely printed twice. */
function printedOf(document: DocumentNode): string {
  const known = printed.get(document)
  if (known !== undefined) return known
  const text = print(document)
  printed.set(document, text)
  return text
}

/**
 * Remembers filtered operations by document, operation and rights, so that viewers with equal
 * rights share one filtered document, one plan and one hash.
 */
export function createOperationFilter(
  supergraph: { schema: GraphQLSchema; rules: AccessRules; reservedKeys: ReservedKeys },
  { policies, capacity = DEFAULT_CAPACITY }: AccessEnforcer,
): OperationFilter {
  const remembered = new LRUCache<string, FilteredOperation>({
    max: capacity,
    maxSize: MAX_CHARACTERS,
    sizeCalculation: (filtered, key) => filtered.text.length + key.length,
  })
  return ({ document, operationName }, viewer) => {
    const rights = rightsOf(viewer, supergraph.rules, policies)
    const key = `${rights.key}\0${operationName ?? ''}\0${printedOf(document)}`
    const known = remembered.get(key)
    if (known) return known
    const filtered = filterOperation({ document, operationName }, { ...supergraph, rights })
    remembered.set(key, filtered)
    return filtered
  }
}
