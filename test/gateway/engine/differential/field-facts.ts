import {
  type ConstDirectiveNode,
  type FieldDefinitionNode,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  type ObjectTypeDefinitionNode,
  parse,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql'

/** How a value is built, nullable only where every subgraph allows null. */
export type Shape =
  | { kind: 'list'; isNullable: boolean; of: Shape }
  | { kind: 'named'; isNullable: boolean; name: string }

/** An argument that is filled from an object further up. */
export type ContextFact = {
  argument: string
  types: ReadonlySet<string>
  selection: SelectionSetNode
}

/** What is known of one field of one object type, over all subgraphs. */
export type FieldFact = {
  shape: Shape
  /** Object types, or enum values, that every subgraph which answers this field knows. */
  candidates: readonly string[]
  isKey: boolean
  /** What other subgraphs must have vouched for, where it is answered. */
  requires: SelectionSetNode | null
  contexts: readonly ContextFact[]
}

export type FieldFacts = {
  /** Object types of the supergraph by name. */
  of: (type: string, field: string) => FieldFact
  schema: GraphQLSchema
}

const directivesOf = (
  node: { directives?: readonly ConstDirectiveNode[] } | null | undefined,
  name: string,
) => (node?.directives ?? []).filter((directive) => directive.name.value === name)

/** The text or flag that a directive is given. */
function argumentOf(directive: ConstDirectiveNode | undefined, name: string): unknown {
  const given = directive?.arguments?.find((argument) => argument.name.value === name)
  return given && valueFromASTUntyped(given.value)
}

/** A set of fields as directives write it, with or without braces. */
export function fieldSetOf(text: string): SelectionSetNode {
  const source = text.trim().startsWith('{') ? text : `{ ${text} }`
  const [operation] = parse(source, { noLocation: true }).definitions
  if (operation?.kind !== 'OperationDefinition') throw new Error(`no set of fields: ${text}`)
  return operation.selectionSet
}

const nodesOf = (type: GraphQLNamedType) =>
  [type.astNode, ...(type.extensionASTNodes ?? [])].flatMap((node) => (node ? [node] : []))

const isInterfaceObject = (type: GraphQLNamedType) =>
  nodesOf(type).some((node) => directivesOf(node, 'interfaceObject').length > 0)

function shapeOf(type: GraphQLOutputType, isNullable = true): Shape {
  if (isNonNullType(type)) return shapeOf(type.ofType, false)
  if (isListType(type)) return { kind: 'list', isNullable, of: shapeOf(type.ofType) }
  return { kind: 'named', isNullable, name: getNamedType(type).name }
}

/** Null only where both allow it; the narrower name. */
function stricter(left: Shape, right: Shape): Shape {
  const isNullable = left.isNullable && right.isNullable
  if (left.kind === 'list' && right.kind === 'list')
    return { kind: 'list', isNullable, of: stricter(left.of, right.of) }
  return { ...left, isNullable }
}

function namedCandidates(
  subgraph: GraphQLSchema,
  supergraph: GraphQLSchema,
  type: GraphQLNamedType,
) {
  if (isEnumType(type)) return type.getValues().map(({ name }) => name)
  if (isAbstractType(type)) return subgraph.getPossibleTypes(type).map(({ name }) => name)
  if (!isInterfaceObject(type)) return [type.name]
  const known = supergraph.getType(type.name)
  return isInterfaceType(known) ? supergraph.getPossibleTypes(known).map(({ name }) => name) : []
}

type Told = { schema: GraphQLSchema; supergraph: GraphQLSchema; type: GraphQLObjectType }

function contextsOf({ schema }: Told, node: FieldDefinitionNode | null | undefined): ContextFact[] {
  return (node?.arguments ?? []).flatMap((argument) => {
    const [directive] = directivesOf(argument, 'fromContext')
    const text = String(argumentOf(directive, 'field') ?? '')
    const [, name, selection] = /^\s*\$\s*(\w+)\s*([\s\S]*)$/.exec(text) ?? []
    if (!name || !selection) return []
    return [
      {
        argument: argument.name.value,
        types: typesWithContext(schema, name),
        selection: fieldSetOf(selection),
      },
    ]
  })
}

function typesWithContext(schema: GraphQLSchema, name: string): Set<string> {
  const bearing = Object.values(schema.getTypeMap()).filter((type) =>
    nodesOf(type).some((node) =>
      directivesOf(node, 'context').some((directive) => argumentOf(directive, 'name') === name),
    ),
  )
  return new Set(
    bearing.flatMap((type) =>
      isAbstractType(type) ? schema.getPossibleTypes(type).map((one) => one.name) : [type.name],
    ),
  )
}

function keyFieldsOf(type: GraphQLNamedType): Set<string> {
  const sets = nodesOf(type).flatMap((node) => directivesOf(node, 'key'))
  const names = sets.flatMap((directive) =>
    fieldSetOf(String(argumentOf(directive, 'fields'))).selections.flatMap((selection) =>
      selection.kind === 'Field' ? [selection.name.value] : [],
    ),
  )
  return new Set(names)
}

/** Fields that some other subgraph has taken over, as `type.field` → subgraphs that lost them. */
function overriddenFields(subgraphs: ReadonlyMap<string, GraphQLSchema>): Map<string, Set<string>> {
  const lost = new Map<string, Set<string>>()
  for (const schema of subgraphs.values())
    for (const type of Object.values(schema.getTypeMap()))
      for (const field of isObjectType(type) ? Object.values(type.getFields()) : []) {
        const from = argumentOf(directivesOf(field.astNode, 'override')[0], 'from')
        if (typeof from !== 'string') continue
        const key = `${type.name}.${field.name}`
        lost.set(key, (lost.get(key) ?? new Set()).add(from))
      }
  return lost
}

type Collected = Map<string, FieldFact>

function isExternal(
  node: FieldDefinitionNode | null | undefined,
  of: ObjectTypeDefinitionNode | null | undefined,
) {
  return directivesOf(node, 'external').length > 0 || directivesOf(of, 'external').length > 0
}

/** Facts of the fields of one type in one subgraph, laid over what others said. */
function collectType(told: Told, lost: (field: string) => boolean, facts: Collected): void {
  const { schema, supergraph, type } = told
  const keys = keyFieldsOf(type)
  const owners = namedCandidates(schema, supergraph, type)
  for (const field of Object.values(type.getFields())) {
    if (lost(field.name) || (isExternal(field.astNode, type.astNode) && !keys.has(field.name)))
      continue
    const requires = argumentOf(directivesOf(field.astNode, 'requires')[0], 'fields')
    const fact: FieldFact = {
      shape: shapeOf(field.type),
      candidates: namedCandidates(schema, supergraph, getNamedType(field.type)),
      isKey: keys.has(field.name),
      requires: typeof requires === 'string' ? fieldSetOf(requires) : null,
      contexts: contextsOf(told, field.astNode),
    }
    for (const owner of owners) {
      const known = facts.get(`${owner}.${field.name}`)
      facts.set(`${owner}.${field.name}`, known ? both(known, fact) : fact)
    }
  }
}

function both(left: FieldFact, right: FieldFact): FieldFact {
  return {
    shape: stricter(left.shape, right.shape),
    candidates: left.candidates.filter((name) => right.candidates.includes(name)),
    isKey: left.isKey || right.isKey,
    requires: left.requires ?? right.requires,
    contexts: [...left.contexts, ...right.contexts],
  }
}

/** Reads the schemas of all subgraphs of a supergraph. */
export function readFieldFacts(
  subgraphs: ReadonlyMap<string, GraphQLSchema>,
  supergraph: GraphQLSchema,
): FieldFacts {
  const facts: Collected = new Map()
  const overridden = overriddenFields(subgraphs)
  for (const [name, schema] of subgraphs)
    for (const type of Object.values(schema.getTypeMap())) {
      if (!isObjectType(type) || type.name.startsWith('_')) continue
      const lost = (field: string) => overridden.get(`${type.name}.${field}`)?.has(name) === true
      collectType({ schema, supergraph, type }, lost, facts)
    }
  return {
    schema: supergraph,
    of: (type, field) => {
      const fact = facts.get(`${type}.${field}`)
      if (!fact) throw new Error(`nobody answers ${type}.${field}`)
      return fact
    },
  }
}
