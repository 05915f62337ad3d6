import type { FetchNode, PlanNode, QueryPlan, SubscriptionNode } from '@apollo/query-planner'
import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  type InlineFragmentNode,
  isCompositeType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
} from 'graphql'
import { type AccessRules, narrowest, type RuleSet, type Sharing } from '../access/scope-rules.ts'

/** On what an answer depends beside its question: whom it may be shared with, and for which rights. */
export type Dependence = {
  readonly sharing: Sharing
  /** The scopes that rules of what is asked name; whoever asks instead of a person holds no others. */
  readonly scopes: ReadonlySet<string>
}

/** Finds out on what the answers to fetches and plans of one supergraph depend. */
export type SharingOf = {
  ofFetch: (fetch: FetchNode) => Dependence
  /** The narrowest of all fetches: with the keys and inputs that only the plan asks for. */
  ofPlan: (plan: { node?: QueryPlan['node'] | undefined }) => Dependence
}

/** What it takes to judge: the schema that plans speak of, and the supergraph's rules. */
export type SharingSource = { schema: GraphQLSchema; rules: AccessRules }

const PERSONAL: Dependence = { sharing: 'viewer', scopes: new Set() }

function joined(parts: readonly Dependence[]): Dependence {
  const scopes = new Set<string>()
  let sharing: Sharing = 'everyone'
  for (const part of parts) {
    sharing = narrowest(sharing, part.sharing)
    for (const scope of part.scopes) scopes.add(scope)
  }
  return { sharing, scopes }
}

/** Answers are remembered with the plan that they are of. */
export function createSharingOf(source: SharingSource): SharingOf {
  const ofFetches = new WeakMap<FetchNode, Dependence>()
  const ofPlans = new WeakMap<object, Dependence>()
  const ofFetch = (fetch: FetchNode) => {
    const known = ofFetches.get(fetch) ?? dependenceOf(source, fetch)
    ofFetches.set(fetch, known)
    return known
  }
  return {
    ofFetch,
    ofPlan: ({ node }) => {
      if (!node) return joined([])
      const known = ofPlans.get(node) ?? joined(fetchesOf(node).map(ofFetch))
      ofPlans.set(node, known)
      return known
    },
  }
}

/** Every fetch that a plan may come to, whatever its conditions. */
function fetchesOf(node: PlanNode | SubscriptionNode): FetchNode[] {
  switch (node.kind) {
    case 'Fetch':
      return [node]
    case 'Flatten':
      return fetchesOf(node.node)
    case 'Sequence':
    case 'Parallel':
      return node.nodes.flatMap(fetchesOf)
    case 'Condition':
      return [node.ifClause, node.elseClause].flatMap((branch) => (branch ? fetchesOf(branch) : []))
    case 'Subscription':
      return [node.primary, node.rest].flatMap((part) => (part ? fetchesOf(part) : []))
    case 'Defer':
      return [node.primary.node, ...node.deferred.map((part) => part.node)].flatMap((part) =>
        part ? fetchesOf(part) : [],
      )
  }
}

type Walk = SharingSource & {
  fragments: ReadonlyMap<string, FragmentDefinitionNode>
  seen: Set<string>
  sharing: Sharing
  scopes: Set<string>
}

/** A change is its maker's own, whatever its answer says. */
function dependenceOf(source: SharingSource, fetch: FetchNode): Dependence {
  if (fetch.operationKind === 'mutation') return PERSONAL
  const { definitions } = parse(fetch.operation, { noLocation: true })
  const fragments = definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION)
  const walk: Walk = {
    ...source,
    fragments: new Map(fragments.map((node) => [node.name.value, node])),
    seen: new Set(),
    sharing: 'everyone',
    scopes: new Set(),
  }
  for (const definition of definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue
    const root = source.schema.getRootType(definition.operation)
    if (root) walkSelections(walk, definition.selectionSet, root)
    else walk.sharing = 'viewer'
  }
  return { sharing: walk.sharing, scopes: walk.scopes }
}

function walkSelections(
  walk: Walk,
  { selections }: SelectionSetNode,
  parent: GraphQLCompositeType,
) {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) walkField(walk, selection, parent)
    else if (selection.kind === Kind.INLINE_FRAGMENT) walkFragment(walk, selection, parent)
    else walkSpread(walk, selection.name.value, parent)
  }
}

function walkSpread(walk: Walk, name: string, parent: GraphQLCompositeType): void {
  if (walk.seen.has(name)) return
  walk.seen.add(name)
  const fragment = walk.fragments.get(name)
  if (fragment) walkFragment(walk, fragment, parent)
  else walk.sharing = 'viewer'
}

type Fragment = Pick<InlineFragmentNode | FragmentDefinitionNode, 'typeCondition' | 'selectionSet'>

function walkFragment(walk: Walk, fragment: Fragment, parent: GraphQLCompositeType): void {
  const { typeCondition, selectionSet } = fragment
  const type = typeCondition ? walk.schema.getType(typeCondition.name.value) : parent
  if (!isCompositeType(type)) {
    walk.sharing = 'viewer'
    return
  }
  noteType(walk, type)
  walkSelections(walk, selectionSet, type)
}

/** Plans ask subgraphs for entities by a field that no schema of the gateway knows. */
function walkField(walk: Walk, field: FieldNode, parent: GraphQLCompositeType): void {
  const name = field.name.value
  if (name === '__typename') return
  if (name === '_entities' && field.selectionSet) {
    walkSelections(walk, field.selectionSet, parent)
    return
  }
  const definition = 'getFields' in parent ? parent.getFields()[name] : undefined
  if (!definition) {
    walk.sharing = 'viewer'
    return
  }
  noteField(walk, parent, name)
  const type = getNamedType(definition.type)
  if (isCompositeType(type)) noteType(walk, type)
  else noteRules(walk, walk.rules.types.get(type.name))
  if (field.selectionSet && isCompositeType(type)) walkSelections(walk, field.selectionSet, type)
}

/** The types by which an answer may turn out to be of this one. */
function possibleTypes(
  schema: GraphQLSchema,
  type: GraphQLCompositeType,
): readonly GraphQLObjectType[] {
  return isObjectType(type) ? [type] : schema.getPossibleTypes(type)
}

/** A field of an interface is answered by any of its types: what the interface says can only narrow. */
function noteField(walk: Walk, parent: GraphQLCompositeType, name: string): void {
  const { rules } = walk
  const coordinate = `${parent.name}.${name}`
  const ofItself = rules.shares.get(coordinate)
  if (ofItself) walk.sharing = narrowest(walk.sharing, ofItself)
  noteRules(walk, rules.fields.get(parent.name)?.get(name))
  for (const type of possibleTypes(walk.schema, parent)) {
    const sharing = rules.shares.get(`${type.name}.${name}`) ?? rules.shares.get(type.name)
    walk.sharing = narrowest(walk.sharing, sharing ?? 'viewer')
    noteRules(walk, rules.fields.get(type.name)?.get(name))
  }
}

function noteType(walk: Walk, type: GraphQLCompositeType): void {
  noteRules(walk, walk.rules.types.get(type.name))
  if (isObjectType(type)) return
  for (const possible of possibleTypes(walk.schema, type))
    noteRules(walk, walk.rules.types.get(possible.name))
}

/** Scopes can be granted to whoever asks for many; to be somebody, or to please a policy, cannot. */
function noteRules(walk: Walk, ruleSet: RuleSet | undefined): void {
  for (const index of Object.values(ruleSet ?? {})) {
    const requirement = walk.rules.requirements[index]
    if (requirement?.stage !== 'scopes') walk.sharing = 'viewer'
    for (const scope of requirement?.anyOf.flat() ?? []) walk.scopes.add(scope)
  }
}
