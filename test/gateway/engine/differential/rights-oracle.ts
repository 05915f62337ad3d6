import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  Kind,
  parse,
  type SelectionNode,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql'
import type { Resolver } from './subgraph-answers.ts'

/** What an asker may: written down anew here, so that the gateway's own reading is put to the test. */
export type OracleRights = {
  isSignedIn: boolean
  scopes: ReadonlySet<string>
  policies: ReadonlySet<string>
}

const STAGES = ['authenticated', 'requiresScopes', 'policy'] as const
type Stage = (typeof STAGES)[number]

/** `Type` or `Type.field` → what a stage asks for. */
type Rules = ReadonlyMap<string, readonly ConstDirectiveNode[]>

function readRules(supergraph: string): Rules {
  const rules = new Map<string, readonly ConstDirectiveNode[]>()
  for (const node of parse(supergraph, { noLocation: true }).definitions) {
    if (!('name' in node && node.name && 'directives' in node)) continue
    rules.set(node.name.value, (node.directives ?? []) as readonly ConstDirectiveNode[])
    if (node.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION || !('fields' in node)) continue
    for (const field of node.fields ?? [])
      rules.set(`${node.name.value}.${field.name.value}`, field.directives ?? [])
  }
  return rules
}

function isGranted(directive: ConstDirectiveNode, stage: Stage, rights: OracleRights): boolean {
  if (stage === 'authenticated') return rights.isSignedIn
  const held = stage === 'policy' ? rights.policies : rights.scopes
  const [given] = directive.arguments ?? []
  const anyOf = given ? (valueFromASTUntyped(given.value) as string[][]) : []
  // The outer list says or, the inner list says and; an empty outer list asks for nothing.
  return anyOf.length === 0 || anyOf.some((all) => all.every((name) => held.has(name)))
}

/** A field that was refused is answered null; one without anything left below it, too. */
type Fate = 'refused' | 'emptied'

type Oracle = {
  schema: GraphQLSchema
  rules: Rules
  rights: OracleRights
  fates: Map<SelectionNode, Fate>
}
type Judging = Oracle & { stage: Stage }

function allows({ rules, rights, stage }: Judging, coordinate: string): boolean {
  return (rules.get(coordinate) ?? [])
    .filter(({ name }) => name.value === stage)
    .every((directive) => isGranted(directive, stage, rights))
}

const implementersOf = (
  { schema }: Judging,
  type: GraphQLCompositeType,
): GraphQLCompositeType[] => {
  if (!isInterfaceType(type)) return []
  const { objects, interfaces } = schema.getImplementations(type)
  return [...objects, ...interfaces]
}

function fieldAllowed(judging: Judging, parent: GraphQLCompositeType, name: string): boolean {
  return [parent, ...implementersOf(judging, parent)].every((type) => {
    const field = 'getFields' in type ? type.getFields()[name] : undefined
    if (!field) return false
    return allows(judging, `${type.name}.${name}`) && allows(judging, getNamedType(field.type).name)
  })
}

/** Fields of the interface itself are asked for, so that any implementer may answer. */
function asksInterface({ fates }: Judging, { selections }: SelectionSetNode): boolean {
  return selections.some((selection) => {
    if (fates.has(selection)) return false
    if (selection.kind === Kind.FIELD) return !selection.name.value.startsWith('__')
    const isUntyped = selection.kind === Kind.INLINE_FRAGMENT && !selection.typeCondition
    return isUntyped && asksInterface({ fates } as Judging, selection.selectionSet)
  })
}

function reachAllowed(
  judging: Judging,
  type: GraphQLCompositeType,
  set: SelectionSetNode,
): boolean {
  if (!isInterfaceType(type) || !asksInterface(judging, set)) return true
  return implementersOf(judging, type).every(({ name }) => allows(judging, name))
}

function judgeField(judging: Judging, field: FieldNode, parent: GraphQLCompositeType): Fate | null {
  const name = field.name.value
  if (name.startsWith('__')) return null
  const definition = 'getFields' in parent ? parent.getFields()[name] : undefined
  const type = definition && getNamedType(definition.type)
  if (!type || !fieldAllowed(judging, parent, name)) return 'refused'
  if (!field.selectionSet || !isCompositeType(type)) return null
  if (!reachAllowed(judging, type, field.selectionSet)) return 'refused'
  return judgeSet(judging, field.selectionSet, type) ? null : 'emptied'
}

function judgeSelection(judging: Judging, node: SelectionNode, parent: GraphQLCompositeType) {
  if (node.kind === Kind.FIELD) return judgeField(judging, node, parent)
  if (node.kind !== Kind.INLINE_FRAGMENT) throw new Error('fragments are written out before')
  const named = node.typeCondition?.name.value
  const type = named === undefined ? parent : judging.schema.getType(named)
  if (!isCompositeType(type)) return 'refused'
  // An interface that a fragment names is reached like one that a field returns.
  if (named !== undefined && !allows(judging, named)) return 'refused'
  if (named !== undefined && !reachAllowed(judging, type, node.selectionSet)) return 'refused'
  return judgeSet(judging, node.selectionSet, type) ? null : 'emptied'
}

/** True when something is left. */
function judgeSet(judging: Judging, set: SelectionSetNode, parent: GraphQLCompositeType): boolean {
  let isLeft = false
  for (const selection of set.selections) {
    if (judging.fates.has(selection)) continue
    const fate = judgeSelection(judging, selection, parent)
    if (fate) judging.fates.set(selection, fate)
    else isLeft = true
  }
  return isLeft
}

/** Every spread written out, so that each place has nodes of its own. */
function writtenOut(document: DocumentNode, set: SelectionSetNode): SelectionSetNode {
  const selections = set.selections.map((node): SelectionNode => {
    if (node.kind === Kind.FIELD)
      return node.selectionSet
        ? { ...node, selectionSet: writtenOut(document, node.selectionSet) }
        : { ...node }
    if (node.kind === Kind.INLINE_FRAGMENT)
      return { ...node, selectionSet: writtenOut(document, node.selectionSet) }
    const fragment = document.definitions.find(
      (one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === node.name.value,
    )
    if (fragment?.kind !== Kind.FRAGMENT_DEFINITION) throw new Error('no such fragment')
    const { typeCondition, selectionSet } = fragment
    const directives = node.directives ?? []
    const inner = writtenOut(document, selectionSet)
    return { kind: Kind.INLINE_FRAGMENT, typeCondition, directives, selectionSet: inner }
  })
  return { ...set, selections }
}

/** Within a refused fragment everything is refused; a refused field asks for nothing below it. */
function applied(
  fates: Oracle['fates'],
  set: SelectionSetNode,
  isWithin: boolean,
  refused: Set<FieldNode>,
): SelectionSetNode {
  const selections = set.selections.map((node): SelectionNode => {
    const fate = fates.get(node)
    if (node.kind === Kind.INLINE_FRAGMENT)
      return {
        ...node,
        selectionSet: applied(fates, node.selectionSet, isWithin || fate === 'refused', refused),
      }
    if (node.kind !== Kind.FIELD) return node
    const isRefused = isWithin || fate === 'refused'
    const inner = node.selectionSet && {
      ...applied(fates, node.selectionSet, isWithin, refused),
      ...(isRefused ? { selections: [] } : {}),
    }
    const field: FieldNode = inner ? { ...node, selectionSet: inner } : { ...node }
    if ((isRefused || fate) && !node.name.value.startsWith('__')) refused.add(field)
    return field
  })
  return { ...set, selections }
}

/** What of an operation may not be answered, by part 3.1 of the rules of access. */
export type OracleVerdict = {
  /** The operation with its fragments written out. */
  document: DocumentNode
  isDenied: boolean
  isTouched: boolean
  /** Answers null for what is refused, and asks for the rest. */
  wrap: (resolve: Resolver) => Resolver
}

/** Makes an oracle that answers what an operation may be told. */
export function createRightsOracle(schema: GraphQLSchema, supergraph: string) {
  const rules = readRules(supergraph)
  return (
    document: DocumentNode,
    operationName: string | undefined,
    rights: OracleRights,
  ): OracleVerdict => {
    const operation = document.definitions.find(
      (node) =>
        node.kind === Kind.OPERATION_DEFINITION &&
        (!operationName || node.name?.value === operationName),
    )
    if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation')
    const root = schema.getRootType(operation.operation)
    if (!root) throw new Error('no root type')
    const set = writtenOut(document, operation.selectionSet)
    const oracle: Oracle = { schema, rules, rights, fates: new Map() }
    const isDenied = !STAGES.every((stage) => {
      const judging = { ...oracle, stage }
      return allows(judging, root.name) && judgeSet(judging, set, root)
    })
    const refused = new Set<FieldNode>()
    const selectionSet = applied(oracle.fates, set, false, refused)
    return {
      document: { kind: Kind.DOCUMENT, definitions: [{ ...operation, selectionSet }] },
      isDenied,
      isTouched: oracle.fates.size > 0 || isDenied,
      wrap: (resolve) => (thing, args, context, info) =>
        info.fieldNodes.every((node) => refused.has(node))
          ? null
          : resolve(thing, args, context, info),
    }
  }
}
