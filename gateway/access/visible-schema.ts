import {
  type ASTNode,
  buildASTSchema,
  type DirectiveDefinitionNode,
  type FieldDefinitionNode,
  type GraphQLSchema,
  type InterfaceTypeDefinitionNode,
  isCompositeType,
  isTypeDefinitionNode,
  Kind,
  type NamedTypeNode,
  type ObjectTypeDefinitionNode,
  type OperationTypeNode,
  parse,
  printSchema,
  type SchemaDefinitionNode,
  specifiedScalarTypes,
  type TypeDefinitionNode,
  visit,
} from 'graphql'
import { LRUCache } from 'lru-cache'
import type { Rights } from './rights.ts'
import { type AccessRules, STAGES } from './scope-rules.ts'
import { createStageJudge } from './stage-judge.ts'

/** Schemas that are remembered, one for each set of rights that asked lately. */
const MOST_SCHEMAS = 32

type WithFields = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode
type Definitions = ReadonlyMap<string, TypeDefinitionNode>
type Ruled = { schema: GraphQLSchema; rules: AccessRules }

const hasFields = (node: TypeDefinitionNode): node is WithFields =>
  node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION

/** Names of types that a definition speaks of. */
function namesIn(node: ASTNode): string[] {
  const names: string[] = []
  visit(node, { NamedType: ({ name }) => void names.push(name.value) })
  return names
}

function innermost({ type }: FieldDefinitionNode): string {
  let inner = type
  while (inner.kind !== Kind.NAMED_TYPE) inner = inner.type
  return inner.name.value
}

/** The definitions with the fields and types that may be asked. */
function allowed({ schema, rules }: Ruled, definitions: Definitions, rights: Rights): Definitions {
  const judges = STAGES.flatMap((stage) => createStageJudge(stage, { schema, rules, rights }) ?? [])
  const mayField = (type: string, field: FieldDefinitionNode) => {
    const parent = schema.getType(type)
    return (
      isCompositeType(parent) && judges.every((judge) => judge.mayField(parent, field.name.value))
    )
  }
  const shown = new Map<string, TypeDefinitionNode>()
  for (const [name, node] of definitions) {
    if (!judges.every((judge) => judge.mayType(name))) continue
    const fields = hasFields(node) ? node.fields?.filter((field) => mayField(name, field)) : null
    shown.set(name, fields ? ({ ...node, fields } as WithFields) : node)
  }
  return shown
}

const BUILT_IN: ReadonlySet<string> = new Set(specifiedScalarTypes.map(({ name }) => name))

/** A definition without what speaks of types that are gone; null when nothing of it is left. */
function lessened(node: TypeDefinitionNode, isKept: (name: string) => boolean) {
  const isNamed = ({ name }: NamedTypeNode) => isKept(name.value)
  if (node.kind === Kind.UNION_TYPE_DEFINITION) {
    const types = node.types?.filter(isNamed) ?? []
    return types.length > 0 ? { ...node, types } : null
  }
  if (!hasFields(node)) return node
  const fields = node.fields?.filter((field) => isKept(innermost(field))) ?? []
  const interfaces = node.interfaces?.filter(isNamed) ?? []
  return fields.length > 0 ? { ...node, fields, interfaces } : null
}

/** Without types of which nothing is left, the fields that answer with them, and so on. */
function withoutEmpty(definitions: Definitions): Definitions {
  const kept = new Map<string, TypeDefinitionNode>()
  const isKept = (name: string) => BUILT_IN.has(name) || definitions.has(name)
  for (const [name, node] of definitions) {
    const left = lessened(node, isKept)
    if (left) kept.set(name, left)
  }
  // Every round takes out a type or is the last.
  return kept.size === definitions.size ? kept : withoutEmpty(kept)
}

/** What can be come upon from the roots: their fields, arguments, and whoever stands for a type. */
function reachable(definitions: Definitions, roots: readonly string[]) {
  const seen = new Map<string, TypeDefinitionNode>()
  const open = [...roots]
  const implementers = Map.groupBy(
    [...definitions.values()].flatMap((node) =>
      hasFields(node) ? (node.interfaces ?? []).map(({ name }) => [name.value, node] as const) : [],
    ),
    ([name]) => name,
  )
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const node = definitions.get(name)
    if (!node || seen.has(name)) continue
    seen.set(name, node)
    open.push(...namesIn(node))
    open.push(...(implementers.get(name) ?? []).map(([, { name: type }]) => type.value))
  }
  return seen
}

type Roots = { query: string } & Partial<Record<'mutation' | 'subscription', string>>

function rootsOf(schema: GraphQLSchema): Roots {
  const mutation = schema.getMutationType()?.name
  const subscription = schema.getSubscriptionType()?.name
  return {
    query: schema.getQueryType()?.name ?? 'Query',
    ...(mutation === undefined ? {} : { mutation }),
    ...(subscription === undefined ? {} : { subscription }),
  }
}

/** A schema must have a query type; one of which nothing may be asked is shown empty. */
function schemaNode(roots: Roots, shown: ReadonlySet<string>): SchemaDefinitionNode {
  const operationTypes = Object.entries(roots).flatMap(([operation, name]) =>
    operation === 'query' || shown.has(name)
      ? [{ operation: operation as OperationTypeNode, type: namedType(name) }]
      : [],
  )
  return {
    kind: Kind.SCHEMA_DEFINITION,
    operationTypes: operationTypes.map((root) => ({
      ...root,
      kind: Kind.OPERATION_TYPE_DEFINITION,
    })),
  }
}

const namedType = (value: string): NamedTypeNode => ({
  kind: Kind.NAMED_TYPE,
  name: { kind: Kind.NAME, value },
})

const emptyType = (value: string): ObjectTypeDefinitionNode => ({
  kind: Kind.OBJECT_TYPE_DEFINITION,
  name: { kind: Kind.NAME, value },
  fields: [],
})

type Parsed = { definitions: Definitions; directives: readonly DirectiveDefinitionNode[] }

function parsed(schema: GraphQLSchema): Parsed {
  const document = parse(printSchema(schema), { noLocation: true })
  const definitions = new Map(
    document.definitions.filter(isTypeDefinitionNode).map((node) => [node.name.value, node]),
  )
  const directives = document.definitions.filter((node) => node.kind === Kind.DIRECTIVE_DEFINITION)
  return { definitions, directives }
}

function visibleSchema(ruled: Ruled, { definitions, directives }: Parsed, rights: Rights) {
  const roots = rootsOf(ruled.schema)
  const fields = withoutEmpty(allowed(ruled, definitions, rights))
  const open = [...Object.values(roots), ...directives.flatMap(namesIn)]
  const shown = reachable(fields, open)
  if (!shown.has(roots.query)) shown.set(roots.query, emptyType(roots.query))
  const root = schemaNode(roots, new Set(shown.keys()))
  // What was a valid schema stays one but for a query type without fields, which is as it should be.
  return buildASTSchema(
    { kind: Kind.DOCUMENT, definitions: [root, ...directives, ...shown.values()] },
    { assumeValid: true, assumeValidSDL: true },
  )
}

/**
 * The schema as far as somebody may ask it: nothing shows itself that every operation would be
 * refused for. Remembered by rights, within a bound.
 */
export function createVisibleSchemas(ruled: Ruled): (rights: Rights) => GraphQLSchema {
  const remembered = new LRUCache<string, GraphQLSchema>({ max: MOST_SCHEMAS })
  let known: Parsed | null = null
  return (rights) => {
    const before = remembered.get(rights.key)
    if (before) return before
    known ??= parsed(ruled.schema)
    const schema = visibleSchema(ruled, known, rights)
    remembered.set(rights.key, schema)
    return schema
  }
}
