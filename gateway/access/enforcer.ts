import { createHash } from 'node:crypto'
import { type DocumentNode, type GraphQLSchema, print } from 'graphql'
import { LRUCache } from 'lru-cache'
import type { Viewer } from '#kernel/auth/viewer.ts'
import type { Logger } from '#kernel/log.ts'
import { figuresOf, type MemoryFigures } from '../seeing/memory-figures.ts'
import {
  type ClientOperation,
  type FilteredOperation,
  filterOperation,
  policiesWithin,
} from './filter-operation.ts'
import { askPolicies, type Granted, NOTHING_GRANTED, type Policies } from './policies.ts'
import type { ReservedKeys } from './reserved-keys.ts'
import { ALL_RIGHTS, type Rights, rightsOf } from './rights.ts'
import type { AccessRules } from './scope-rules.ts'
import { createVisibleSchemas } from './visible-schema.ts'

/**
 * What becomes of an operation that asks for more than its asker may have: what is too much is taken
 * out, the whole is refused, or nothing happens but a report.
 */
export type AccessMode = 'filter' | 'reject' | 'dry-run'

/** How access rules are enforced; a supergraph that carries rules is not served without one. */
export type AccessEnforcer = {
  /** Functions that `@policy` names. */
  policies: Policies
  /** How long a policy may think; what comes later counts as a refusal. */
  policyTimeoutMs?: number
  mode?: AccessMode
  /** Shows of the schema only what the asker may ask. */
  isIntrospectionByRights?: boolean
  /** Filtered operations that are remembered, per supergraph. */
  capacity?: number
}

/** Filters operations of one supergraph, with the policies that were granted for them. */
export type OperationFilter = {
  (operation: AskedOperation, viewer: Viewer, granted?: Granted): FilteredOperation
  readonly figures: MemoryFigures
}

/** Asks the policies that an operation touches; at once where it touches none. */
export type PolicyFinder = (operation: AskedOperation, viewer: Viewer) => Granted | Promise<Granted>

/** `text` may be left out: what is remembered goes by the document itself, which cannot differ. */
export type AskedOperation = ClientOperation & { text?: string | undefined }

type Ruled = { schema: GraphQLSchema; rules: AccessRules; reservedKeys: ReservedKeys }

const DEFAULT_CAPACITY = 2000
const DEFAULT_POLICY_TIMEOUT_MS = 1000
/** Characters of all remembered documents together. */
const MAX_CHARACTERS = 32_000_000
/** A question about the schema; a text that only holds the word does no harm. */
const ASKS_SCHEMA = /\b__(?:schema|type)\b/

const printed = new WeakMap<DocumentNode, string>()

/** Parsers that remember give the same document again, so that it is rarely printed twice. */
function printedOf(document: DocumentNode): string {
  const known = printed.get(document)
  if (known !== undefined) return known
  const text = print(document)
  printed.set(document, text)
  return text
}

const keyOf = ({ document, operationName }: AskedOperation, rights: Rights) =>
  `${rights.key}\0${operationName ?? ''}\0${printedOf(document)}`

/**
 * Everything as it was asked, and the report of what would be gone. Viewers of different rights share
 * no hash: what one of them was answered, subgraphs may refuse to the other.
 */
function spared(asked: AskedOperation, supergraph: Ruled, rights: Rights): FilteredOperation {
  const { removedPaths } = filterOperation(asked, { ...supergraph, rights })
  const whole = filterOperation(asked, { ...supergraph, rights: ALL_RIGHTS })
  const salted = createHash('sha256').update(`${rights.key}\0${whole.documentHash}`)
  return { ...whole, documentHash: salted.digest('base64url'), wouldRefuse: removedPaths }
}

function warnOf({ rules }: Ruled, { policies, mode }: AccessEnforcer, log: Logger): void {
  if (mode === 'dry-run')
    log.warn(
      { mode },
      'DRY RUN: this gateway reports what access rules would take out of operations and takes out nothing; subgraphs alone refuse',
    )
  const unregistered = policyNamesOf(rules).filter((name) => !Object.hasOwn(policies, name))
  if (unregistered.length > 0)
    log.warn({ policies: unregistered }, 'policies that nobody registered: they refuse everybody')
}

function policyNamesOf({ requirements }: AccessRules): string[] {
  const asking = requirements.filter(({ stage }) => stage === 'policies')
  return [...new Set(asking.flatMap(({ anyOf }) => anyOf.flat()))].sort()
}

/**
 * Remembers filtered operations by document, operation and rights, so that viewers with equal
 * rights share one filtered document, one plan and one hash.
 */
export function createOperationFilter(
  supergraph: Ruled,
  enforcer: AccessEnforcer,
  log: Logger,
): { authorise: OperationFilter; policiesFor: PolicyFinder } {
  const { mode = 'filter', capacity: max = DEFAULT_CAPACITY } = enforcer
  warnOf(supergraph, enforcer, log)
  const remembered = new LRUCache<string, FilteredOperation>({
    max,
    maxSize: MAX_CHARACTERS,
    sizeCalculation: (filtered, key) => filtered.text.length + key.length,
  })
  const visibleTo = enforcer.isIntrospectionByRights ? createVisibleSchemas(supergraph) : null
  const filter = (asked: AskedOperation, rights: Rights): FilteredOperation => {
    const isDryRun = mode === 'dry-run'
    const filtered = isDryRun
      ? spared(asked, supergraph, rights)
      : filterOperation(asked, { ...supergraph, rights })
    if (!visibleTo) return filtered
    return { ...filtered, visibleSchema: () => visibleTo(isDryRun ? ALL_RIGHTS : rights) }
  }
  const figures = figuresOf(remembered)
  const authorise = (asked: AskedOperation, viewer: Viewer, granted = NOTHING_GRANTED) => {
    const rights = rightsOf(viewer, supergraph.rules, granted)
    const key = keyOf(asked, rights)
    const known = remembered.get(key)
    figures[known ? 'hits' : 'misses']++
    if (known) return known
    const filtered = filter(asked, rights)
    remembered.set(key, filtered)
    return filtered
  }
  return {
    authorise: Object.assign(authorise, { figures }),
    policiesFor: createPolicyFinder(supergraph, enforcer, log),
  }
}

function createPolicyFinder(
  supergraph: Ruled,
  enforcer: AccessEnforcer,
  log: Logger,
): PolicyFinder {
  const { policies, policyTimeoutMs: timeoutMs = DEFAULT_POLICY_TIMEOUT_MS } = enforcer
  const all = policyNamesOf(supergraph.rules)
  if (all.length === 0) return () => NOTHING_GRANTED
  const { capacity: max = DEFAULT_CAPACITY } = enforcer
  const touched = new LRUCache<string, readonly string[]>({
    max,
    maxSize: MAX_CHARACTERS,
    sizeCalculation: (_names, key) => key.length,
  })
  const namesFor = (asked: AskedOperation, viewer: Viewer): readonly string[] => {
    // What of the schema may be shown depends on every policy.
    if (enforcer.isIntrospectionByRights && ASKS_SCHEMA.test(printedOf(asked.document))) return all
    const rights = rightsOf(viewer, supergraph.rules, NOTHING_GRANTED)
    const key = keyOf(asked, rights)
    const names = touched.get(key) ?? policiesWithin(asked, { ...supergraph, rights })
    touched.set(key, names)
    return names
  }
  return (asked, viewer) => {
    const names = namesFor(asked, viewer)
    return names.length === 0
      ? NOTHING_GRANTED
      : askPolicies({ policies, timeoutMs, log }, names, viewer)
  }
}
